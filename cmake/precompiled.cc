// Of no target but those whose headers are compiled once (BellwetherTargets.cmake).
