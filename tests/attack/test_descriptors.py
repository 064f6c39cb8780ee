"""All descriptors of a service are taken, and given back: it accepts again, or ends and is started again. It is never deaf."""

import http.client

from attacked import AttackTest, main, refused_or_not
from http2 import CALLER, PREFACE, Closed, Connection, connect, settings
from stack import wait_until

DESCRIPTORS = 100
RESTARTED = (1,)  # The exit code on which docker-compose, systemd and Kubernetes start a service again.


class DescriptorsTest(AttackTest):
    descriptors = {"ingestion": DESCRIPTORS, "query": DESCRIPTORS, "scoring": DESCRIPTORS}

    def take_all(self, port, first=PREFACE + settings()):
        """More connections than the service has descriptors."""
        held = []
        for _ in range(DESCRIPTORS * 3):
            with refused_or_not():
                connection = connect(port, 2)
                held.append(connection)
                connection.sendall(first)
        return held

    def answers(self, service):
        """Whether a new connection is answered, on the port of callers and on that of probes."""
        try:
            if "listen" in service.ports and self.ask_once(service) != 0:
                return False
            connection = http.client.HTTPConnection("127.0.0.1", service.ports["admin"], timeout=5)
            connection.request("GET", "/livez")
            return connection.getresponse().status == 200
        except (Closed, TimeoutError, OSError, http.client.HTTPException):
            return False

    def ask_once(self, service):
        with Connection(service.ports["listen"], seconds=5, source=CALLER) as connection:
            return connection.call(*self.plain_call(service), seconds=5).status

    def check(self, name, port_name):
        service = getattr(self.stack, name)
        held = self.take_all(service.ports[port_name])
        # A service may end here: then its connections do.
        for _ in range(20):
            if service.popen.poll() is not None:
                break
            held[0].settimeout(0.1)
            with refused_or_not():
                held[0].recv(100)
        for connection in held:
            connection.close()

        def recovered():
            return service.popen.poll() is not None or self.answers(service)
        wait_until(recovered, f"{service.name} answers again, or ends, after its {port_name} port took all descriptors", 60)
        if service.popen.poll() is not None:
            self.assertIn(service.popen.poll(), RESTARTED, service.text()[-2000:])
            print(f"{service.name}, {port_name}: ended with {service.popen.poll()}, and is started again", flush=True)
            setattr(self.stack, name, self.stack.start_service(name))
            service = getattr(self.stack, name)
            service.await_ready()
            self.assertTrue(self.answers(service))
        else:
            print(f"{service.name}, {port_name}: answers again", flush=True)

    def test_ports_of_callers(self):
        for name in ("ingestion", "query"):
            for round_ in range(2):
                with self.subTest(name, round=round_):
                    self.check(name, "listen")

    def test_admin_ports(self):
        for name in ("ingestion", "scoring", "query"):
            with self.subTest(name):
                self.check(name, "admin")


if __name__ == "__main__":
    main()
