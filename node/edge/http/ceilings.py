"""How high the ceiling of whoever calls has to be, by operation of the API: the gate asks it of
every route that names the operation, a page of the console as well as the API's own.

An operation that stands in neither list needs no more than to be let in. The ceiling is the
program's: files of roles say who has an operation, and cannot make it a smaller thing than it is.
"""

from __future__ import annotations

from typing import Final

ADMIN: Final = frozenset({
    "activateStandard", "addClass", "applyPlaceImport", "approveClaim", "approveInvitation",
    "approveStandard", "beginPlaceImport", "bookFundDeposit", "changeKey", "checkPlaceImport",
    "createAccount", "createInvitation", "createToken", "discardParked", "discardStandard",
    "dropPlaceImport", "endAccount", "endAccountSessions", "endKeyChange", "eraseCaller",
    "finishPlaceImport", "getAccount", "getAdapterMapping", "grantRoles", "importAreaClasses",
    "importCalendar", "importClasses", "importCollectors", "importConditions", "importCrosswalk",
    "importGroups", "importResponsibilities", "importShifts", "importTraining", "importUnits",
    "inviteFirst", "listAccountSessions", "listAccounts", "listInvitations", "listTokens",
    "lockAccount", "mapPhrase", "noteBackup", "pauseLink", "purgePersonal", "putAdapterMapping",
    "putUnit", "rebuildEvaluation", "rebuildFund", "refuseClaim", "refuseInvitation",
    "registerStandard", "releaseLink", "renewPapers", "resetAccount", "resumeLink", "retireChild",
    "revokeNode", "revokeToken", "stagePlaceRows", "takeOverStandard", "tryAdapterMapping",
    "unlockAccount", "unlockToken", "withdrawInvitation",
})
OPERATE: Final = frozenset({
    "acceptCase", "addToProblem", "adoptLate", "answerCall", "askCoordination", "askReopen",
    "askRequest", "assignHandler", "checkCase", "closeCase", "countHandlers",
    "decideCoordination", "decideDispute", "decideProblem", "decideReopen", "decideRequest",
    "declineCase", "dispatchCase", "drillCase", "feedBackCase", "fileCase", "findByPhone",
    "findCalls", "forceCloseCase", "giveSatisfaction", "handCall", "joinProblem", "leaveProblem",
    "linkCall", "listForms", "listSharing", "lockToken", "markNoOwner", "notAcceptCase",
    "openCallCase", "openCase", "openPart", "passUpCase", "passUpRequest", "pressAssignee",
    "probeAdapter", "publishSheet", "publishStock", "raiseAlarm", "raiseDispute", "readCaller",
    "readDataset", "readReporter", "recallCase", "reconcileLink", "recordCall", "recordNotice",
    "recordProxyRepair", "recordRecovery", "removeFromProblem", "renewForm", "reopenByCall",
    "replayAdapterQuarantine", "replayAllParked", "replayParked", "replySupervision",
    "reportProgress", "resumeAdapterJob", "resumeAssignment", "resumeCase", "selfHandleCase",
    "sendTrack", "settleAdapterQuarantine", "settleAlarm", "settleDoubt", "settleWorkItem",
    "signCase", "startCheck", "startVerify", "superviseAssignee", "suspendCase", "takeAlarm",
    "takeBackCase", "transferCase", "unassignHandler", "unmaskReporter", "uploadPhoto",
    "verifyCase", "voidCase", "withdrawAssignment",
})
LOOKS: Final = frozenset({
    "countHandlers", "getAccount", "getAdapterMapping", "listAccountSessions", "listAccounts",
    "listForms", "listInvitations", "listSharing", "listTokens",
})
"""Those of both that only look. A page that shows where something else of them may be done (a desk,
a form) is seen below the ceiling, unless it asks for itself; doing it is not."""
