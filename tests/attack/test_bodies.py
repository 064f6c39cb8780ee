"""Bodies that are no messages, on every RPC of every service."""

from attacked import INGESTION, AttackTest, main
from bellwether.v1 import ingestion_service_pb2 as ingestion_pb
from http2 import Connection, message, request
from rpcs import rpcs_of
from stack import reading

OK, INVALID_ARGUMENT = 0, 3
# No message of any kind: a length beyond the end, a group that never ends, a tag 0, text that is not UTF-8 in every field.
NO_MESSAGES = {"cut": b"\x0a\x7fabc", "group": b"\x0b" * 50, "tag 0": b"\x00\x00", "ff": b"\xff" * 40, "nested": b"\x0a\xff\xff\xff\xff\x0f",
               "deep": b"".join(b"\x0a\x7f" for _ in range(300))}
LATIN_1 = b"".join(bytes([number << 3 | 2, 4]) + b"caf\xe9" for number in range(1, 8))


def latin_1(readings):
    """A frame of good readings, the middle one's ref spoilt: not UTF-8."""
    good = ingestion_pb.StreamReadingsRequest(readings=readings).SerializeToString()
    return good.replace(b"SPOILT", b"SPO\xe9LT")


class BodiesTest(AttackTest):
    def listening(self):
        return (self.stack.ingestion, self.stack.query)

    def test_no_message_of_any_rpc(self):
        wrong = []
        with self.attacked():
            for service in self.listening():
                for rpc in rpcs_of(service.ports["listen"]):
                    for what, body in {**NO_MESSAGES, "latin 1": LATIN_1}.items():
                        with Connection(service.ports["listen"]) as connection:
                            answer = connection.call(request(rpc.path, ("grpc-timeout", "20S")), message(body))
                        # Latin 1 may be a message, where the field is none of text; the services of gRPC are not ours.
                        refused = answer.status == INVALID_ARGUMENT and answer.words
                        if not answer.ended or (rpc.path.startswith("/bellwether.") and what != "latin 1" and not refused):
                            wrong.append(f"{rpc.path} {what}: {answer}")
        self.assertEqual(wrong, [])

    def test_a_stream_goes_on_or_says_which_frame(self):
        with Connection(self.stack.ingestion.ports["listen"]) as connection:
            frames = [[reading("W1", "2022-02", 1)], [reading("SPOILT", "2022-02", 1)], [reading("W1", "2022-03", 1)]]
            answer = connection.call(request(INGESTION + "StreamReadings"), b"".join(message(latin_1(frame)) for frame in frames))
        taken = [a for m in answer.messages() for a in ingestion_pb.StreamReadingsResponse.FromString(m).acknowledgements]
        good = [a for a in taken if a.result.HasField("position")]
        self.assertTrue(answer.ended)
        if answer.status == OK:
            self.assertEqual(len(good), 2, "status OK means that each frame was looked at")
        else:
            self.assertEqual((answer.status, len(good)), (INVALID_ARGUMENT, 1), answer)
            self.assertIn("UTF-8", answer.words)
        self.assertEqual(self.ask(self.stack.ingestion), OK)

    def test_a_good_frame_after_frames_that_are_none(self):
        """Hundreds of bad frames on one stream, and on many: bounded in what they cost and in what the log says of them."""
        body = b"".join(message(b"\xff\xff\xff") for _ in range(300))
        with self.attacked(), Connection(self.stack.ingestion.ports["listen"]) as connection:
            streams = [connection.open(request(INGESTION + "StreamReadings")) for _ in range(50)]
            for stream in streams:
                connection.data(stream, body, end=True)
            for stream in streams:
                self.assertTrue(connection.await_end(stream).ended)
                self.assertNotEqual(connection.streams[stream].status, OK)


if __name__ == "__main__":
    main()
