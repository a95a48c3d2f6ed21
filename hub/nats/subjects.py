"""Names of a mailbox: subjects, streams, consumers, and who may touch which.

Nothing of a case ever appears in a subject; the child's NodeId is the only variable part, and its
alphabet (``[0-9A-Z]``) holds no character that means something to NATS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.ids import LinkId, NodeId

BOX_BYTES_MAX = 64 * 1024 * 1024
"""Bytes one mailbox may hold: two full windows of 512 envelopes at their largest."""
BOX_AGE_S = 72 * 3600
"""Seconds a frame may wait; whatever is older is sent again after the next Hello."""
BOX_MESSAGE_BYTES_MAX = 512 * 1024
"""Bytes of one stored message with its headers; a frame is at most 511 KiB."""
DEDUP_S = 120
"""Seconds in which a doubled publish is recognised by its id; the inbox recognises the rest."""
ACK_WAIT_S = 60
"""Seconds after which a frame that was never acknowledged is delivered again."""
UNACKED_MAX = 16
"""Frames delivered and not yet acknowledged: twice the largest window of frames, so a receiver
that died with a window in hand still gets the next one."""
PULLS_WAITING_MAX = 4
"""Open pull requests per consumer: ours, and what a lost connection left behind."""
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One stream with its one consumer, in the parent's server."""

    stream: str
    consumer: str
    subject: str

    def stream_config(self, *, replicas: int = 1) -> dict[str, Any]:
        """As the server's API takes it. Work queue: consumed frames leave the box at once."""
        return {
            "name": self.stream,
            "subjects": [self.subject],
            "storage": "file",
            "num_replicas": replicas,
            "retention": "workqueue",
            "discard": "new",
            "max_bytes": BOX_BYTES_MAX,
            "max_age": BOX_AGE_S * NANOSECONDS,
            "max_msg_size": BOX_MESSAGE_BYTES_MAX,
            "max_consumers": 1,
            "duplicate_window": DEDUP_S * NANOSECONDS,
            "deny_delete": True,
        }

    def consumer_config(self) -> dict[str, Any]:
        """Durable pull consumer; it never gives up on a frame, because poison is judged by the
        receiver, not by JetStream."""
        return {
            "durable_name": self.consumer,
            "ack_policy": "explicit",
            "ack_wait": ACK_WAIT_S * NANOSECONDS,
            "deliver_policy": "all",
            "max_ack_pending": UNACKED_MAX,
            "max_deliver": -1,
            "max_waiting": PULLS_WAITING_MAX,
            "replay_policy": "instant",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSubjects:
    """Everything NATS knows of one link, derived from its child."""

    child: NodeId

    @classmethod
    def of(cls, link: LinkId) -> LinkSubjects:
        return cls(child=NodeId(link.split("-")[1]))

    @property
    def down(self) -> Mailbox:
        """What the parent says to the child."""
        return Mailbox(
            stream=f"DN_{self.child}", consumer=self.child, subject=f"lk.{self.child}.box.dn"
        )

    @property
    def up(self) -> Mailbox:
        """What the child says to the parent."""
        return Mailbox(
            stream=f"UP_{self.child}", consumer="parent", subject=f"lk.{self.child}.box.up"
        )

    def control(self, way: str) -> str:
        """Every link message that is no frame; ``way`` is ``up`` or ``dn``."""
        return f"lk.{self.child}.ctl.{way}"

    def bulk(self, way: str) -> str:
        """Blobs."""
        return f"lk.{self.child}.blk.{way}"

    @property
    def inbox_prefix(self) -> str:
        """Where answers to the child arrive; nobody else may listen there."""
        return f"_INBOX_{self.child}"

    def child_may_publish(self) -> list[str]:
        """To its own side of the link, pull and acknowledge its own box, and nothing else."""
        box = self.down
        return [
            self.up.subject,
            self.control("up"),
            self.bulk("up"),
            f"$JS.API.CONSUMER.MSG.NEXT.{box.stream}.{box.consumer}",
            f"$JS.API.CONSUMER.INFO.{box.stream}.{box.consumer}",
            f"$JS.ACK.{box.stream}.{box.consumer}.>",
            f"$JS.ACK.*.*.{box.stream}.{box.consumer}.>",  # the form since 2.15
        ]

    def child_may_subscribe(self) -> list[str]:
        return [f"{self.inbox_prefix}.>", self.control("dn"), self.bulk("dn")]
