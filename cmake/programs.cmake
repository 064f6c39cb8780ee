# Every program that is shipped, once: the folder in services/, what a service may take of memory (docs/operations.md has what it does
# take), and what the program is, as packages say it. A new service is a line here and its folder; the test documents_programs names
# each file of deploy/ and each document that it lacks then.

macro(bellwether_service name memory summary)
  list(APPEND BELLWETHER_SERVICES ${name})
  list(APPEND BELLWETHER_PROGRAMS bellwether-${name})
  set(memory_${name} ${memory})
  set(summary_bellwether-${name} ${summary})
endmacro()
macro(bellwether_tool folder program summary)
  list(APPEND BELLWETHER_TOOLS ${folder})
  list(APPEND BELLWETHER_PROGRAMS ${program})
  set(summary_${program} ${summary})
endmacro()

bellwether_tool(cli bellwether "command line of the council's performance report")
bellwether_tool(admin bellwether-admin "for operators: topics of the log, backup and restore")
bellwether_service(ingestion 512M "takes a council's definitions, readings and comments, and records them")
bellwether_service(scoring 1G "rates every record of the log and publishes what it changed")
bellwether_service(query 2G "answers what applications ask, from a view of the scores")
bellwether_service(web 512M "serves the report as pages that people read")
# Not shipped: services/standalone, which keeps nothing over a restart.
