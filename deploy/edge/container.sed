# Makes nginx.conf what the proxy of docker-compose.edge.yml runs with: beside services that ask who calls, by nobody in particular, on a root that is
# read-only. tests/edge runs the result.
s|^pid .*;|pid /tmp/nginx.pid;|
s|^error_log .*;|error_log stderr warn;|
s|^http \{|http {\n    client_body_temp_path /tmp/body;\n    proxy_temp_path /tmp/proxy;\n    fastcgi_temp_path /tmp/fastcgi;\n    uwsgi_temp_path /tmp/uwsgi;\n    scgi_temp_path /tmp/scgi;|
s|/etc/nginx/tls/services-ca.crt|/run/secrets/tls/ca.crt|
s|/etc/nginx/tls/|/run/secrets/tls/|
# A caller may show a token or a key instead: access.yaml decides.
s|ssl_verify_client on;|ssl_verify_client optional;|
# The services' certificates have the names of the upstreams, ingestion and query.
/^    #grpc_ssl_name/d
s|^    #grpc_ssl|    grpc_ssl|
s|grpc_pass grpc://|grpc_pass grpcs://|
s|server 127.0.0.1:7401;|server ingestion:7401;|
s|server 127.0.0.1:7402;|server query:7402;|
