"""What programs there are: read from the one list of them, cmake/programs.cmake."""

import pathlib
import re

_LIST = (pathlib.Path(__file__).parents[2] / "cmake" / "programs.cmake").read_text()
SERVICES = tuple(re.findall(r"^bellwether_service\((\w+)", _LIST, re.MULTILINE))
# Folder in services/, which is also the target of deploy/Dockerfile, to the program.
PROGRAMS = {name: f"bellwether-{name}" for name in SERVICES} | dict(re.findall(r"^bellwether_tool\((\w+) ([\w-]+)", _LIST, re.MULTILINE))
NOT_SHIPPED = ("bellwether-standalone",)
