"""How the commands of the core are called from outside: the last word of their address."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PATHS: Mapping[str, str] = MappingProxyType({
    "File": "file", "Decline": "decline", "Dispatch": "dispatch", "Sign": "sign",
    "Progress": "progress", "FeedBack": "feed-back", "WithdrawAssignment": "withdraw",
    "StartCheck": "start-check", "PassCheck": "check", "FailCheck": "check", "Close": "close",
    "AdoptLate": "adopt-late", "AskRequest": "request", "DecideRequest": "request-decision",
    "PassUpRequest": "pass-up", "ResumeAssignment": "resume", "SuspendCase": "suspend",
    "ResumeCase": "resume-case", "VoidCase": "void", "ForceClose": "force-close",
    "Transfer": "transfer", "TakeBack": "take-back", "PressAssignee": "press",
    "SuperviseAssignee": "supervise", "ReplySupervision": "reply",
    "MarkNoOwner": "no-owner", "AskCoordination": "coordination",
    "DecideCoordination": "coordination-decision", "JoinProblem": "join-problem",
    "LeaveProblem": "leave-problem", "RecordProxyRepair": "proxy-repair",
    "RecordRecovery": "recovery", "RaiseDispute": "dispute", "DecideDispute": "dispute-decision",
    "Accept": "accept", "NotAccept": "not-accept", "StartVerify": "start-verify",
    "RecordVerify": "verify", "SelfHandle": "self-handle", "OpenPart": "part",
    "GiveSatisfaction": "satisfaction", "AskReopen": "reopen", "DecideReopen": "reopen-decision",
    "SettleDoubt": "doubt", "TellReporter": "", "AssignHandler": "handler",
    "PassUpCase": "submit", "RecallCase": "recall",
})
"""Where each command of the core is posted, below the case; "" = elsewhere (`/notices`). A handler
is put there: it is no command, and nothing of it is journalled."""


def word_of(command: str) -> str:
    """What callers know a command as; one without an address of its own by its name."""
    return PATHS.get(command, "") or command
