"""The office as its doors see it: one asynchronous facade over the use cases.

HTTP, the command line, the adapter host and the answering side of questions talk to this class
and to nothing below it. It holds no rule and no state of its own: each method is one line into the
use case that does the work. Every method that changes something returns only after its commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.core.commands import Command
from node.core.passes import FREE, Terms
from node.core.roles import WHOLE, Scope
from node.service.adapter_views import (
    AdapterJob,
    AdapterQuarantined,
    AdapterView,
    JobOutcome,
    OpenJob,
    UnitBytes,
    UnitHeard,
    UnitWord,
)
from node.service.link_views import LinkView, ParkedItem, QuarantinedItem, Reconciled
from node.service.views import (
    CaseFilter,
    Change,
    Drilled,
    Finding,
    ImportResult,
    Page,
    PhotoStored,
    Proposal,
    Reply,
    Responsibility,
    TokenView,
    WorkItemView,
)

if TYPE_CHECKING:
    from node.service.acceptance.room import Acceptance
    from node.service.adapters import UnitDesk
    from node.service.admission import Admission
    from node.service.alarms import AlarmDesk
    from node.service.audit import Recorder
    from node.service.audit_book import AuditBook
    from node.service.budget import Budget
    from node.service.bundles import Bundles
    from node.service.calendars import Calendars
    from node.service.calls.room import CallRooms
    from node.service.cards import Cards
    from node.service.collectors import Collectors
    from node.service.dossiers import Dossiers
    from node.service.duties import Duties
    from node.service.evaluation.boards import Boards
    from node.service.evaluation.publishing import Publishing
    from node.service.evaluation.room import Evaluation
    from node.service.federation import Federation
    from node.service.feed import Feed
    from node.service.findings import Doctor
    from node.service.fund import Fund
    from node.service.handle import Handler
    from node.service.handlers import Handlers
    from node.service.inquiry import Inquiry
    from node.service.invitations import Invitations
    from node.service.kin import Kin
    from node.service.ledger import Ledger
    from node.service.maps.room import Maps
    from node.service.membership import Membership
    from node.service.neighbours import Neighbours
    from node.service.notices import Notices
    from node.service.own_keys import OwnKeys
    from node.service.packs import Packs
    from node.service.papers import Papers
    from node.service.people.access import Access
    from node.service.people.room import People
    from node.service.photos import Album
    from node.service.places.room import Places
    from node.service.posting import Posting
    from node.service.privacy import Privacy
    from node.service.problems import Problems
    from node.service.public import PublicPage
    from node.service.queries import Queries
    from node.service.reporters import Reporters
    from node.service.reporting import Reporting
    from node.service.routing_table import RoutingTable
    from node.service.sharing.room import SharingRoom
    from node.service.standards.desk import Standards
    from node.service.stock.room import Stock
    from node.service.tracks import Tracks
    from node.service.upkeep.room import Upkeep


@dataclass(slots=True, kw_only=True)
class Office:
    """One node's use cases, put together by the composition root."""

    node: str
    name: str
    handler: Handler
    queries: Queries
    table: RoutingTable
    feed: Feed
    neighbours: Neighbours
    inquiry: Inquiry
    album: Album
    units: UnitDesk
    places: Places
    calendars: Calendars
    writing: Callable[[], Papers]
    """Builds the room of papers once, when somebody first prints."""
    calling: Callable[[], CallRooms]
    """Builds the rooms of calls once, when somebody first takes or looks for one."""
    belonging: Callable[[], tuple[Membership, Invitations, OwnKeys]]
    """Builds the rooms of members, invitations and keys once, when somebody first asks there."""
    federating: Callable[[], Federation]
    """Builds the room of the tree once, when somebody first looks at it."""
    accepting: Callable[[], Acceptance]
    """Builds the acceptance run once, when somebody first asks for it."""
    sharing_with: Callable[[], SharingRoom]
    """Builds the room of shared data sets once, when somebody first shares or reads."""
    evaluating: Callable[[], tuple[Evaluation, Publishing, Boards]]
    """Builds the rooms of evaluation once, when somebody first asks there."""
    admission: Admission
    dossiers: Dossiers
    ledger: Ledger
    stock: Stock
    """Sheets of the problem library, ours and those from below."""
    doctor: Doctor
    standards: Standards
    cards: Cards
    duties: Duties
    fund: Fund
    handlers: Handlers
    """Who handles a duty inside this office."""
    alarming: Callable[[], AlarmDesk]
    """Builds the room of alarms once, when somebody first raises one or asks."""
    tracking: Callable[[], Tracks]
    """Builds the room of tracks once, when a phone first sends or somebody asks."""
    mapping: Callable[[], Maps]
    """Builds the room of maps once, when somebody first looks at one."""
    maintaining: Callable[[], Upkeep]
    """Builds the room of maintenance once, when somebody first comes there."""
    patrolling: Callable[[], Collectors]
    """Builds the room of collectors once, when somebody first asks there."""
    packing: Callable[[], Packs]
    """Builds the room of packs once, when a phone first asks for one."""
    peopling: Callable[[], People]
    """Builds the room of people once, when somebody first logs in or asks there."""
    admitting: Callable[[], Access]
    """Builds the room of access once, when somebody first comes who is held by roles."""
    uniting: Callable[[], Problems]
    """Builds the room of joint problems once, when somebody first asks there."""
    auditing: Callable[[], AuditBook]
    """Builds the book of the audit log once, when somebody first reads it or it is tended."""
    bundling: Callable[[], Bundles]
    """Builds the room of evidence once, when somebody first takes some out."""
    keeping: Callable[[], Privacy]
    """Builds the room of personal data once, when somebody first sees or erases some."""
    recorder: Recorder
    """Writes the audit log, for doors that have something of their own to record."""
    budget: Budget
    """Volumes, storage and people of a year."""
    kin: Kin
    """What stands beside a case: similar reports."""
    reporting: Reporting
    """Reports taken from any door."""
    reporters: Reporters
    """Who reported a problem, read with a purpose; cases by phone."""
    notices: Notices
    """What is to be told to whoever waits for the end of a case."""
    public: PublicPage
    posting: Posting
    """What whoever holds a follow-up code sees and says."""

    @property
    def problems(self) -> Problems:
        """Several cases treated as one problem, with one decision."""
        return self.uniting()

    @property
    def people(self) -> People:
        """Accounts, the way in, sessions."""
        return self.peopling()

    @property
    def access(self) -> Access:
        """Who may do what, to which case."""
        return self.admitting()

    @property
    def upkeep(self) -> Upkeep:
        """Tables of the office: checked, previewed, taken, put back."""
        return self.maintaining()

    @property
    def collectors(self) -> Collectors:
        """Who patrols: teams, beats, shifts, training."""
        return self.patrolling()

    @property
    def packs(self) -> Packs:
        """What phones take along."""
        return self.packing()

    @property
    def alarms(self) -> AlarmDesk:
        """Calls for help of collectors."""
        return self.alarming()

    @property
    def audit(self) -> AuditBook:
        """The audit log, read and looked through."""
        return self.auditing()

    @property
    def privacy(self) -> Privacy:
        """Personal data: seen by role, shown for a reason, erased in time."""
        return self.keeping()

    @property
    def bundles(self) -> Bundles:
        """Evidence about one case, in one file."""
        return self.bundling()

    @property
    def tracks(self) -> Tracks:
        """Where collectors walked."""
        return self.tracking()

    @property
    def maps(self) -> Maps:
        """Tiles of maps, and what lies in a piece of them."""
        return self.mapping()

    @property
    def papers(self) -> Papers:
        """Papers of cases, to be printed."""
        return self.writing()

    @property
    def calls(self) -> CallRooms:
        """Calls: the log, who called, figures."""
        return self.calling()

    @property
    def membership(self) -> Membership:
        """Who belongs to the tree."""
        return self.belonging()[0]

    @property
    def invitations(self) -> Invitations:
        """Whom this node invites."""
        return self.belonging()[1]

    @property
    def own_keys(self) -> OwnKeys:
        """The keys and papers of this node."""
        return self.belonging()[2]

    @property
    def federation(self) -> Federation:
        """The tree as this office knows it."""
        return self.federating()

    @property
    def acceptance(self) -> Acceptance:
        """The acceptance run."""
        return self.accepting()

    @property
    def sharing(self) -> SharingRoom:
        """Shared data sets."""
        return self.sharing_with()

    @property
    def evaluation(self) -> Evaluation:
        """The figures of cases, by the rules in force."""
        return self.evaluating()[0]

    @property
    def publications(self) -> Publishing:
        """Published sheets."""
        return self.evaluating()[1]

    @property
    def boards(self) -> Boards:
        """Questions to the evaluation that take more than one sheet."""
        return self.evaluating()[2]

    # --- commands -----------------------------------------------------------------------------

    async def handle(self, command: Command, fingerprint: bytes = b"") -> Reply:
        """Carry out a person's command in one transaction. Idempotent by ``command_id`` (72 h):
        the stored answer comes back, unless a non-empty ``fingerprint`` (of the request's bytes)
        differs from the first one, which is ``Invalid(code="idempotency.mismatch")``. An
        ``OpenCase`` with an empty ``case_no`` is numbered here. Raises ``Refused`` (and its
        leaves), ``Overloaded`` when the node takes no more."""
        return await self.handler.handle(command, fingerprint)

    def fresh_id(self) -> str:
        """A fresh UUIDv7 as text: for case, request and command ids the caller did not bring."""
        return self.handler.fresh_id()

    # --- cases --------------------------------------------------------------------------------

    async def case(self, case_id: str) -> Mapping[str, Any]:
        """The whole document of one case, JSON-ready (instants as ISO 8601 text)::

            case_id case_no status version own(bool) facts{…} overdue(bool) light opened_at
            updated_at
            clocks     [ {kind post node to starts_at ended_at finish_by light used_minutes
                       left_minutes on_time …} ]           the overall one first
            duty       null | {assignor assignment_id generation state limits{sign_by finish_by
                       calendar} text}                     what we owe our assignor
            assignment null | {assignment_id assignee generation rank limits}   whom we handed to
            assignments [ … every assignment, live and ended, with ended ]
            requests   [ open requests: {request_id kind direction reason_code text asker} ]
            bonds      [ {neighbour state(queued|sent|delivered|…) queued unacked since sentence} ]
            photos     [ {digest size media_type role caption state} ]
            work_items [ … unsettled ]     verbs [ command names that may be tried now ]

        Raises ``UnknownCase``."""
        return await self.queries.case(case_id)

    async def cases(
        self, which: CaseFilter, after: str = "", limit: int = 50, sort: str = ""
    ) -> Page:
        """List cases, newest opening first, or by ``sort``: opened, no, status, code, limit (only
        what is alive), with a minus the greatest first. Items: case_id case_no status area code
        standard_ref kind name urgent assignee finish_by opened_at updated_at version overdue
        light. ``after`` is the ``next`` of the page before; anything else is
        ``Invalid(code="page.cursor")``."""
        return await self.queries.cases(which, after, limit, sort)

    async def journal(self, case_id: str, after: int = 0, limit: int = 200) -> Page:
        """This node's own entries of one case by version. Items: node branch version generation
        occurred_at hlc actor cause part event_type event{…}."""
        return await self.queries.journal(case_id, after, limit)

    async def timeline(self, case_id: str) -> Mapping[str, Any]:
        """Own journal and the traces from below in one list, ordered by hybrid clock::

            entries [ {node version generation occurred_at actor event_type event{…} hlc
                       own(bool) verified(bool) late(bool)} ]
            as_of   { node: {last_contact, level: "ok"|"amber"|"red"} }
        """
        return await self.queries.timeline(case_id)

    async def propose(self, case_id: str) -> Proposal:
        """Whom the responsibility table names, with limits. Raises ``UnknownCase``."""
        return await self.queries.propose(case_id)

    async def work_items(
        self, *, settled: bool = False, limit: int = 200, scope: Scope = WHOLE
    ) -> list[WorkItemView]:
        """What waits for a person, oldest first."""
        return await self.queries.work_items(settled=settled, limit=limit, scope=scope)

    async def settle_work(self, item: str, *, actor: str) -> bool:
        """Tick a work item off; False if it was settled already."""
        return await self.handler.settle_work(item, actor=actor)

    async def directory(self) -> Mapping[str, Any]:
        """Whom this node may hand work to and what it may do: ``{node, name, parent, children[],
        adapters[], capabilities[], profile}``."""
        return await self.queries.directory()

    def sources(self) -> Mapping[str, Any]:
        """Sources of reports as the node holds them: ``{version, sources[]}``."""
        return self.queries.sources()

    # --- change feed --------------------------------------------------------------------------

    async def changes(
        self, after: int, limit: int = 500, scope: Scope = WHOLE
    ) -> list[Change]:
        """Changes with ``n`` above ``after``, in order."""
        return await self.feed.changes(after, limit, scope)

    async def latest_change(self) -> int:
        """The highest ``n`` so far, 0 = none: where a listener starts that wants only news."""
        return await self.feed.latest()

    async def wait_changes(self, timeout_s: float = 15.0) -> bool:
        """Wait until something was committed, at most ``timeout_s``; False on timeout."""
        return await self.feed.wait(timeout_s)

    # --- links --------------------------------------------------------------------------------

    async def links(self) -> list[LinkView]:
        """Every link with state and one sentence of why."""
        return await self.neighbours.links()

    async def pause_link(self, link: str, *, actor: str) -> None:
        """Stop talking on this link until ``resume_link``; words wait. ``UnknownPeer``: no
        such link (so for every verb on a link)."""
        await self.neighbours.pause(link, actor=actor)

    async def resume_link(self, link: str, *, actor: str) -> None:
        """Talk again."""
        await self.neighbours.resume(link, actor=actor)

    async def parked(self, link: str = "") -> list[ParkedItem]:
        """Words that wait; "" = of all links."""
        return await self.neighbours.parked(link)

    async def replay_all(self, link: str, *, actor: str) -> int:
        """Try every parked word of a link again that may go first in its lane; returns how many
        were settled."""
        return await self.neighbours.replay_all(link, actor=actor)

    async def release_link(self, link: str, *, actor: str) -> None:
        """Let a link speak again that stands still because of broken seals. Any other standstill
        needs recovery and raises ``NotSettled``."""
        await self.neighbours.release(link, actor=actor)

    async def replay(self, link: str, position: str, *, actor: str) -> str:
        """Try a parked word again; returns the new outcome (APPLIED, LATE, PARKED …)."""
        return await self.neighbours.replay(link, position, actor=actor)

    async def discard(self, link: str, position: str, *, reason: str, actor: str) -> None:
        """Give a parked word up, with a reason that stays in the record."""
        await self.neighbours.discard(link, position, reason=reason, actor=actor)

    async def quarantined(self, link: str = "") -> list[QuarantinedItem]:
        """Unacceptable bytes that were kept; "" = of all links."""
        return await self.neighbours.quarantined(link)

    async def reconcile(self, link: str) -> list[Reconciled]:
        """Compare both ends now, in every scope; what is missing is sent again. Only the parent
        of a link asks; raises ``Unreachable`` without contact."""
        return await self.neighbours.reconcile(link)

    # --- drill-down ---------------------------------------------------------------------------

    async def drill(self, case_id: str, target: str, *, purpose: str, actor: str) -> Drilled:
        """Ask a node below for its document of a case we handed down. ``purpose`` is recorded at
        both ends. Without a live answer the stored traces are returned with ``stale``."""
        return await self.inquiry.drill(case_id, target, purpose=purpose, actor=actor)

    # --- photos -------------------------------------------------------------------------------

    async def put_photo(self, data: bytes, media_type: str) -> PhotoStored:
        """Store a photo by content; the same bytes give the same digest. ``Invalid``: not an image
        type we take, torn, or larger than ``limits.photo_bytes_max`` or than can be shown."""
        return await self.album.put(data, media_type)

    async def photo_path(self, digest: str) -> tuple[Path, str] | None:
        """Local file and media type, or None while the bytes are not here (asking raises its
        priority in the pull queue)."""
        return await self.album.path(digest)

    async def shown_photo(self, digest: str) -> tuple[Path, str] | None:
        """The same without what a camera wrote beside the picture: for units and the public."""
        return await self.album.shown(digest)

    # --- adapters (the host and the forms) ----------------------------------------------------

    async def claim_jobs(self, adapter: str, limit: int = 16) -> list[AdapterJob]:
        """Due jobs of one adapter, leased for ``limits.adapter_lease_s``; woken by topic
        ``adapter:<id>`` (see ``wait_adapter``). At most one job of a case at a time, in order of
        generation; withdrawals come first."""
        return await self.units.claim(adapter, limit)

    async def wait_adapter(self, adapter: str, timeout_s: float) -> bool:
        """Wait until a job of this adapter may be due, at most ``timeout_s``."""
        return await self.units.wait(adapter, timeout_s)

    async def record_job(
        self,
        job: AdapterJob,
        outcome: JobOutcome,
        *,
        unit_reference: str = "",
        detail: str = "",
        retry_after_s: float = 0.0,
        park: bool = False,
    ) -> None:
        """Write down how the call ended. ACCEPTED with a ``unit_reference`` journals a signed
        report; REJECTED becomes a return request with ``detail`` as its text; UNKNOWN and LATER
        are due again after the back-off, not sooner than ``retry_after_s``. ``park``: do not try
        again, a person has to look (a work item says so). A wish that turned to WITHDRAW
        meanwhile stays due."""
        await self.units.record(
            job,
            outcome,
            unit_reference=unit_reference,
            detail=detail,
            retry_after_s=retry_after_s,
            park=park,
        )

    async def resume_job(self, adapter: str, key: str, *, actor: str) -> bool:
        """Try a parked job again now; False if none is parked under this key."""
        return await self.units.resume(adapter, key, actor=actor)

    async def hear_adapter(
        self,
        adapter: str,
        words: Sequence[UnitWord],
        *,
        cursor: str | None = None,
        unreadable: Sequence[UnitBytes] = (),
    ) -> UnitHeard:
        """Take what a unit's system said, exactly once per ``event_id``, and move the cursor, all
        in one transaction. ``cursor`` None leaves it (webhooks, forms)."""
        return await self.units.hear(adapter, words, cursor=cursor, unreadable=unreadable)

    async def adapter_cursor(self, adapter: str) -> str:
        """Where the next poll starts; "" = from the beginning."""
        return await self.units.cursor(adapter)

    async def adapters(self) -> list[AdapterView]:
        """Standing of every adapter."""
        return await self.units.views()

    async def adapter_quarantined(self, adapter: str = "") -> list[AdapterQuarantined]:
        """Bytes of unit systems that nobody could read, unsettled."""
        return await self.units.quarantined(adapter)

    async def adapter_jobs(self, adapter: str) -> list[OpenJob]:
        """Jobs of one adapter that are not settled, parked ones first."""
        return await self.units.jobs(adapter)

    async def quarantined_item(self, adapter: str, item: int) -> AdapterQuarantined | None:
        """One unsettled item of an adapter, or None."""
        return await self.units.quarantined_item(adapter, item)

    async def rehear(self, adapter: str, item: int, *, actor: str) -> UnitHeard:
        """Hear a quarantined word again; settled unless it parks again."""
        return await self.units.rehear(adapter, item, actor=actor)

    async def settle_quarantined(self, item: int, *, actor: str) -> bool:
        """Tick one of them off (after replay or by decision)."""
        return await self.units.settle_quarantined(item, actor=actor)

    # --- tokens and health --------------------------------------------------------------------

    async def verify_token(self, token: str) -> TokenView | None:
        """Who a bearer token speaks for; None = nobody."""
        return await self.admission.verify(token)

    async def create_token(
        self, name: str, scope: str, roles: Collection[str] = (), terms: Terms = FREE,
        account: str = "",
    ) -> str:
        """A fresh bearer token, shown once and stored hashed."""
        return await self.admission.create(name, scope, roles, terms, account)

    async def revoke_token(self, name: str) -> int:
        """Revoke every token of this name; returns how many."""
        return await self.admission.revoke(name)

    async def findings(self) -> list[Finding]:
        """What the doctor has to say, worst first."""
        return await self.doctor.findings()

    async def tokens(self) -> list[TokenView]:
        """Live tokens by name; never the token itself."""
        return await self.admission.tokens()

    async def ready(self) -> list[Finding]:
        """What keeps this node from serving: empty = the database answers, the writer commits and
        the disk has room."""
        return await self.doctor.ready()

    # --- responsibility table -----------------------------------------------------------------

    async def import_responsibilities(self, rows: Sequence[Responsibility]) -> ImportResult:
        """Add or replace rows of the responsibility table (all of them or none)."""
        return await self.table.take(rows)

    async def responsibilities(self, after: str = "", limit: int = 200) -> Page:
        """The responsibility table. Items carry the fields of ``Responsibility`` and ``id``."""
        return await self.table.page(after, limit)
