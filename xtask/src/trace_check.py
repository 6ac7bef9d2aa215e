"""Reads a trace with Perfetto's own definitions: nothing in it is unknown to them, and its slices nest."""

import sys

from google.protobuf.unknown_fields import UnknownFieldSet
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import CounterDescriptor, Trace, TrackEvent


def unknown(message):
    """Whether a message, or one in it, has a field that its definition lacks."""
    if len(UnknownFieldSet(message)) > 0:
        return True
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for one in value if field.is_repeated else [value]:
                if unknown(one):
                    return True
    return False


kind, path = sys.argv[1:]
unit = {"step": CounterDescriptor.UNIT_SIZE_BYTES, "fleet": CounterDescriptor.UNIT_COUNT}[kind]
trace = Trace()
trace.ParseFromString(open(path, "rb").read())
assert not unknown(trace), "a field is unknown"

tracks, processes, open_slices, slices, counters, instants = {}, 0, {}, {}, 0, 0
for packet in trace.packet:
    assert packet.trusted_packet_sequence_id == 1
    if packet.HasField("track_descriptor"):
        track = packet.track_descriptor
        assert track.uuid not in tracks, "two tracks have one number"
        assert track.parent_uuid == 0 or track.parent_uuid in tracks, "a track has no parent"
        tracks[track.uuid] = track
        processes += track.HasField("process")
        continue
    event = packet.track_event
    track = tracks[event.track_uuid]
    if event.type == TrackEvent.TYPE_COUNTER:
        assert track.counter.unit == unit
        assert event.counter_value > 0 or (kind == "fleet" and event.counter_value == 0)
        counters += 1
        continue
    assert not track.HasField("counter")
    if event.type == TrackEvent.TYPE_INSTANT:
        assert event.name and event.categories == ["outage"]
        instants += 1
        continue
    stack = open_slices.setdefault(event.track_uuid, [])
    if event.type == TrackEvent.TYPE_SLICE_BEGIN:
        assert event.name and event.categories
        assert not stack or stack[-1][0] <= packet.timestamp
        stack.append((packet.timestamp, event))
    else:
        assert event.type == TrackEvent.TYPE_SLICE_END
        start, begun = stack.pop()
        assert start <= packet.timestamp
        slices[begun.name] = slices.get(begun.name, 0) + 1
        if begun.name in ("forward", "backward"):
            assert [note.name for note in begun.debug_annotations] == ["micro_batch", "piece"]
assert not any(open_slices.values()), "a slice does not end"
assert counters > 0 and processes > 0
all_slices = f"{sum(slices.values())} slices on {len(tracks)} tracks"
if kind == "step":
    assert slices["forward"] == slices["backward"] > 0 and instants == 0
    print(f"{all_slices} of {processes} stages, {counters} numbers of memory")
else:
    assert slices["running"] > 1 and instants > 0
    assert any(name.startswith("stalled: ") for name in slices), "nothing interrupts a job"
    print(f"{all_slices}, {instants} outages, {counters} numbers of accelerators")
