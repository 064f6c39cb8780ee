# The Debian packages (./dev package). One for each service, since services run on machines of their own and are replaced one by
# one; one for the command line, with the example, and one for operators' bellwether-admin. bellwether-standalone has none: it
# keeps nothing over a restart.

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL ${BELLWETHER_PROGRAMS})

set(debian ${CMAKE_BINARY_DIR}/debian)
file(MAKE_DIRECTORY ${debian})
execute_process(COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/CHANGELOG.md OUTPUT_FILE ${debian}/changelog.gz COMMAND_ERROR_IS_FATAL ANY)

# A binary, and what every package has.
foreach(package IN LISTS CPACK_COMPONENTS_ALL)
  install(TARGETS ${package} RUNTIME DESTINATION usr/bin COMPONENT ${package})
  install(FILES deploy/debian/copyright ${debian}/changelog.gz DESTINATION usr/share/doc/${package} COMPONENT ${package})
  string(TOUPPER ${package} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
  set(CPACK_COMPONENT_${upper}_DESCRIPTION
    "${summary_${package}}\nPart of Bellwether, which turns a council's performance figures\ninto its performance report.")
endforeach()

# A service's unit, user, settings and maintainer scripts.
foreach(service IN LISTS BELLWETHER_SERVICES)
  set(package bellwether-${service})
  set(what ${summary_${package}})
  set(memory ${memory_${service}})
  set(out ${debian}/${service})
  configure_file(deploy/systemd/bellwether-service.service.in ${out}/${package}.service @ONLY)
  configure_file(deploy/systemd/bellwether-service.sysusers.in ${out}/${package}.conf @ONLY)
  foreach(script postinst prerm postrm)
    configure_file(deploy/debian/${script}.in ${out}/${script} @ONLY)
  endforeach()
  file(WRITE ${out}/conffiles "/etc/bellwether/${service}.env\n")
  install(FILES ${out}/${package}.service DESTINATION lib/systemd/system COMPONENT ${package})
  install(FILES ${out}/${package}.conf DESTINATION usr/lib/sysusers.d COMPONENT ${package})
  install(FILES deploy/systemd/${service}.env DESTINATION etc/bellwether COMPONENT ${package})
  install(FILES docs/operations.md docs/operations-flags.md docs/runbooks.md DESTINATION usr/share/doc/${package} COMPONENT ${package})
  string(TOUPPER ${package} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS systemd)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${out}/postinst;${out}/prerm;${out}/postrm;${out}/conffiles")
endforeach()

# What prints the report: `bellwether report --format pdf` says so where it is not there.
set(CPACK_DEBIAN_BELLWETHER_PACKAGE_RECOMMENDS weasyprint)

install(FILES docs/performance-team.md docs/integrating.md docs/error-reasons.md docs/power-bi.md docs/catalogue.schema.json
  DESTINATION usr/share/doc/bellwether COMPONENT bellwether)
install(FILES examples/north-northamptonshire/README.md examples/north-northamptonshire/catalogue.yaml
  examples/north-northamptonshire/readings-2022-02.csv
  DESTINATION usr/share/doc/bellwether/examples/north-northamptonshire COMPONENT bellwether)
install(FILES examples/eastmere/README.md examples/eastmere/catalogue.yaml examples/eastmere/readings.csv
  DESTINATION usr/share/doc/bellwether/examples/eastmere COMPONENT bellwether)
# For whoever writes a feed: the contract, and feeds to begin with.
install(DIRECTORY proto/bellwether DESTINATION usr/share/bellwether/proto COMPONENT bellwether FILES_MATCHING PATTERN "*.proto")
install(FILES examples/feeds/feed.py examples/feeds/feed.cc DESTINATION usr/share/doc/bellwether/examples/feeds COMPONENT bellwether)
# Beside the contract, as in the repository: each makes its code of it.
install(DIRECTORY clients DESTINATION usr/share/bellwether COMPONENT bellwether
  REGEX "/v1$|/__pycache__$|/build$|\\.egg-info$|/\\.gitignore$" EXCLUDE)
install(FILES docs/operations.md docs/operations-flags.md docs/runbooks.md deploy/topics.yaml DESTINATION usr/share/doc/bellwether-admin COMPONENT bellwether-admin)

set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_CONTACT "The maintainers of Bellwether <maintainers@example.org>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
