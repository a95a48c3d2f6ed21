"""Puts the office together: the use cases over one writer, before any link is opened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from hub.ask.desk import AskDesk
from hub.blobs.files import BlobStore
from hub.blobs.library import BlobLibrary
from hub.errors import Unreachable
from hub.ids import LinkId
from hub.seal import KeyRing, Signer
from hub.store.tx import Tx, Writer
from node.edge.adapter_host import installed
from node.edge.codec import WordCodec
from node.main.asking import asking
from node.main.geography import places_room
from node.main.profiles import (
    approvals_named,
    arrangement_of,
    feedback_named,
    limits_named,
    notices_named,
    patrol_named,
    privacy_named,
    profile_of,
    sources_named,
)
from node.main.secrets import DATA_FILE, REPORTER_FILE, secret
from node.service.adapters import UnitDesk
from node.service.admission import Admission
from node.service.audit import Audit
from node.service.budget import Budget
from node.service.calendars import Calendars
from node.service.cards import Cards
from node.service.desk import Desk
from node.service.dossiers import Dossiers
from node.service.duties import Duties
from node.service.evidence import Evidence
from node.service.feed import Feed
from node.service.findings import Doctor
from node.service.fresh import SystemIds
from node.service.fund import Fund
from node.service.handle import Handler
from node.service.handlers import Handlers
from node.service.hlc import HybridClock
from node.service.kin import Kin
from node.service.ledger import Ledger
from node.service.neighbours import Neighbours, Runner
from node.service.notices import Herald, Notices
from node.service.office import Office
from node.service.people.sessions import forget
from node.service.personal import Personal
from node.service.photos import Album
from node.service.places.room import Places
from node.service.posting import Posting
from node.service.public import PublicPage
from node.service.queries import Queries
from node.service.receive import Receiver
from node.service.reporters import Reporters
from node.service.reporting import Reporting
from node.service.routing_table import RoutingTable
from node.service.standards.comparing import Comparison
from node.service.standards.desk import Standards
from node.service.standards.lookup import condition_lookup
from node.service.stock.room import Stock
from node.service.surroundings import Surroundings, Tree
from node.service.timers import Timers
from node.service.views import Finding
from node.settings import Settings
from node.store import audit as audits
from node.store import budget as budgeting
from node.store import calendars
from node.store import handlers as handling
from node.store import people as people_rows
from node.store import problems as joining
from node.store import stock as stocktaking
from node.store.intake import IntakeStore
from node.store.repository import NodeStore

if TYPE_CHECKING:
    from node.service.acceptance.room import Acceptance
    from node.service.alarms import AlarmDesk
    from node.service.audit_book import AuditBook
    from node.service.bundles import Bundles
    from node.service.calls.room import CallRooms
    from node.service.collectors import Collectors
    from node.service.evaluation.boards import Boards
    from node.service.evaluation.publishing import Publishing
    from node.service.evaluation.room import Evaluation
    from node.service.federation import Federation
    from node.service.invitations import Invitations
    from node.service.maps.room import Maps
    from node.service.membership import Membership
    from node.service.own_keys import OwnKeys
    from node.service.packs import Packs
    from node.service.papers import Papers
    from node.service.people.access import Access
    from node.service.people.room import People
    from node.service.privacy import Privacy
    from node.service.problems import Problems
    from node.service.sharing.room import SharingRoom
    from node.service.tracks import Tracks
    from node.service.upkeep.room import Upkeep

@dataclass(slots=True, kw_only=True)
class Rooms:
    """The office and the parts that the process runs beside it."""

    office: Office
    surroundings: Surroundings
    receiver: Receiver
    timers: Timers
    library: BlobLibrary
    ask_desk: AskDesk
    neighbours: Neighbours
    queries: Queries
    feed: Feed
    units: UnitDesk
    doctor: Doctor
    places: Places
    comparison: Comparison
    calendars: Calendars

    def open(self) -> None:
        """Listen to commits; inside the loop."""
        self.office.admission.open()
        self.feed.open()
        self.units.open()
        self.places.open()

    def close(self) -> None:
        """Stop listening and let waiters go."""
        self.feed.close()
        self.office.admission.close()
        self.units.close()
        self.places.close()


def furnish(
    settings: Settings,
    *,
    writer: Writer,
    tree: Tree,
    runners: Mapping[LinkId, Runner],
    now_us: Callable[[], int],
    branch: int,
    alarm: Callable[[str, str], None],
    more_findings: Callable[[], Awaitable[list[Finding]]],
    seal: Signer | None = None,
    keys: KeyRing | None = None,
    belonging: Callable[[], tuple[Membership, Invitations, OwnKeys]] | None = None,
) -> Rooms:
    """Every use case of one node. Nothing runs yet and nothing is read."""
    limits = settings.limits
    store, codec, ids = NodeStore(), WordCodec(), SystemIds()
    audit = Audit(audits, alg=settings.audit.digest)
    adapters = settings.node.adapters or installed(settings.adapters_home)
    profile = profile_of(settings)
    surroundings = Surroundings(
        node=settings.node.id,
        name=settings.node.name,
        parent=settings.parent.id if settings.parent is not None else "",
        adapters=adapters,
        profile=profile,
        limits=limits_named(profile.limits, home=settings.home),
        arrangement=arrangement_of(profile, home=settings.home),
        ladders=approvals_named(profile.approvals, home=settings.home),
        ids=ids,
        tree=tree,
    )
    surroundings.branch = branch
    # The writer's thread runs commands, words and timers one after another: one desk serves all.
    rows = IntakeStore()
    surroundings.sources = sources_named(profile.intake.sources, home=settings.home)
    surroundings.feedback = feedback_named(profile.feedback, home=settings.home)
    reporters = Reporters(
        store=store,
        rows=rows,
        writer=writer,
        audit=audit,
        now_us=now_us,
        key=secret(settings.keys / REPORTER_FILE),
        personal=_personal(settings, suite=seal.alg if seal is not None else ""),
    )
    herald = Herald(
        rows=rows,
        texts=notices_named(profile.intake.notices, home=settings.home),
        sources=surroundings.sources,
        ids=ids,
        office=surroundings.name,
    )
    desk = Desk(
        store=store,
        codec=codec,
        clock=HybridClock(),
        surroundings=surroundings,
        reporters=reporters,
        herald=herald,
        pictures=rows,
        problems=joining,
    )
    evidence = Evidence(desk)
    stock = Stock(
        store=stocktaking,
        codec=codec,
        clock=desk.clock,
        writer=writer,
        surroundings=surroundings,
        now_us=now_us,
    )
    receiver = Receiver(desk, evidence, stock)
    neighbours = Neighbours(
        writer=writer, audit=audit, now_us=now_us, runners=runners, quota=settings.quota.for_peer,
        words=codec)
    units = UnitDesk(
        desk=desk,
        writer=writer,
        audit=audit,
        now_us=now_us,
        lease_s=limits.adapter_lease_s,
        retry_first_s=limits.adapter_retry_first_s,
        retry_max_s=limits.adapter_retry_max_s,
    )
    doctor = Doctor(
        writer=writer,
        neighbours=neighbours,
        units=units,
        surroundings=surroundings,
        home=settings.home,
        disk_warn=limits.disk_used_warn,
        disk_full=limits.disk_used_full,
        more=more_findings,
    )
    handler = Handler(
        desk=desk,
        writer=writer,
        audit=audit,
        keep_h=limits.command_keep_h,
        disk_full=lambda: doctor.disk_used() >= limits.disk_used_full,
    )
    kin = Kin(
        rows=rows, writer=writer, now_us=now_us, similarity=profile.intake.similarity,
        joint=joining,
    )
    queries = Queries(
        store=store,
        codec=codec,
        writer=writer,
        surroundings=surroundings,
        contacts=neighbours.contacts,
        condition_of=condition_lookup(store),
        now_us=now_us,
        rows_max=limits.page_rows_max,
        timeline_max=limits.timeline_entries_max,
        kin=kin,
    )
    table = RoutingTable(
        store=store, writer=writer, audit=audit, surroundings=surroundings,
        rows_max=limits.page_rows_max,
    )
    standards = Standards(
        node=settings.node.id,
        store=store,
        writer=writer,
        audit=audit,
        holder=surroundings,
        now_us=now_us,
        rows_max=limits.page_rows_max,
        seal=seal,
        keys=keys,
    )
    library = BlobLibrary(
        files=BlobStore(settings.blobs), writer=writer, now_us=now_us, alarm=alarm
    )
    @cache
    def sharing() -> SharingRoom:
        # Loaded here: most offices are asked for nothing.
        from node.main.sharing import sharing_room

        return sharing_room(
            settings, writer=writer, audit=audit, surroundings=surroundings, desk=ask_desk,
            now_us=now_us,
        )

    ask_desk, inquiry, comparison = asking(
        settings, writer=writer, audit=audit, surroundings=surroundings, queries=queries,
        sharing=sharing, now_us=now_us,
    )
    feed = Feed(store=store, writer=writer)
    geography = places_room(
        settings, writer=writer, audit=audit, now_us=now_us, fresh_id=surroundings.fresh_id
    )
    reporting = Reporting(places=geography, handler=handler)
    cards = Cards(
        store=store,
        writer=writer,
        audit=audit,
        surroundings=surroundings,
        now_us=now_us,
        rows_max=limits.page_rows_max,
        changed=table.reload,
    )
    duties = Duties(
        store=store, writer=writer, audit=audit, rows_max=limits.page_rows_max,
        changed=table.reload,
    )
    fund = Fund(
        store=store, codec=codec, writer=writer, audit=audit, now_us=now_us,
        rows_max=limits.page_rows_max,
    )
    year = Calendars(
        store=calendars, writer=writer, audit=audit, surroundings=surroundings, now_us=now_us
    )

    @cache
    def evaluating() -> tuple[Evaluation, Publishing, Boards]:
        # Loaded here: most offices below never evaluate.
        from node.main.evaluating import evaluation_rooms

        return evaluation_rooms(
            settings,
            codec=codec,
            writer=writer,
            audit=audit,
            surroundings=surroundings,
            now_us=now_us,
            seal=seal,
        )

    @cache
    def calling() -> CallRooms:
        # Loaded here: many offices never take a call.
        from node.main.calling import call_rooms

        return call_rooms(
            settings,
            store=store,
            audit=audit,
            writer=writer,
            handler=handler,
            reporting=reporting,
            reporters=reporters,
            surroundings=surroundings,
            now_us=now_us,
        )

    @cache
    def accepting() -> Acceptance:
        # Loaded here: an office is accepted once in years.
        from node.main.accepting import acceptance_room

        return acceptance_room(
            settings,
            writer=writer,
            surroundings=surroundings,
            cards=cards,
            collectors=office.collectors,
            neighbours=neighbours,
            evaluation=lambda: evaluating()[0],
            now_us=now_us,
        )

    album = Album(library=library, bytes_max=limits.photo_bytes_max)
    dossiers = Dossiers(store=store, codec=codec, writer=writer)

    handlers = Handlers(
        store=store, rows=handling, writer=writer, audit=audit, surroundings=surroundings,
        now_us=now_us,
    )

    @cache
    def maintaining() -> Upkeep:
        # Loaded here: an office is set up once and maintained now and then.
        from node.main.upkeeping import upkeep_room

        return upkeep_room(
            store=store, writer=writer, audit=audit, standards=standards, calendars=year,
            table_changed=table.reload, cards_changed=cards.reload,
            surroundings=surroundings, places=geography, home=settings.home, now_us=now_us,
        )

    @cache
    def writing() -> Papers:
        # Loaded here: an office that prints nothing does not carry it.
        from node.service.papers import Papers

        return Papers(
            queries=queries,
            dossiers=dossiers,
            around=surroundings,
            photo=album.shown,
            area_names=geography.area_names,
            handlers=handlers,
            names=peopling().accounts.named,
            now_us=now_us,
        )

    admission = Admission(store=store, writer=writer, audit=audit, now_us=now_us)

    @cache
    def alarming() -> AlarmDesk:
        # Loaded here, as the two below: most offices have no collectors.
        from node.service.alarms import AlarmDesk
        from node.store import alarms as alarming_rows

        return AlarmDesk(
            store=store, rows=alarming_rows, writer=writer, admission=admission, audit=audit,
            rules=patrol_named(profile.patrol, home=settings.home).alarm,
            now_us=now_us, rows_max=limits.page_rows_max,
        )

    @cache
    def auditing() -> AuditBook:
        # Loaded here: a process that stands by neither signs nor cuts the log.
        from node.main.auditing import audit_book

        return audit_book(
            settings, writer=writer, audit=audit, surroundings=surroundings, seal=seal, keys=keys,
            now_us=now_us,
        )

    @cache
    def keeping() -> Privacy:
        from node.service.privacy import Privacy
        from node.store import privacy as privacy_rows

        return Privacy(
            rules=privacy_named(profile.privacy, home=settings.home), store=privacy_rows,
            reporters=reporters, writer=writer, audit=audit, now_us=now_us,
        )

    @cache
    def bundling() -> Bundles:
        from node.main.auditing import bundles_room

        return bundles_room(
            settings, writer=writer, audit=audit, surroundings=surroundings, seal=seal,
            photo=album.path, papers=writing, now_us=now_us,
        )

    @cache
    def uniting() -> Problems:
        from node.service.problems import Problems

        return Problems(
            store=store, rows=joining, writer=writer, handler=handler,
            fresh_id=surroundings.fresh_id,
        )

    @cache
    def peopling() -> People:
        # Loaded here, as the next one: most offices below are only called by programs.
        from node.main.peopling import people_room

        return people_room(
            settings, profile=profile, writer=writer, fresh_id=surroundings.fresh_id,
            now_us=now_us, audit=audit,
        )

    @cache
    def admitting() -> Access:
        from node.main.peopling import access_room

        return access_room(
            settings, profile=profile, writer=writer, audit=audit, now_us=now_us)

    @cache
    def patrolling() -> Collectors:
        from node.service.collectors import Collectors
        from node.store import collectors as rows

        return Collectors(
            store=rows, writer=writer, audit=audit, now_us=now_us,
            rows_max=limits.page_rows_max,
        )

    @cache
    def packing() -> Packs:
        from node.service.packs import Packs

        return Packs(
            collectors=patrolling, places=geography, standards=standards, cases=queries,
            sources=surroundings.sources, area=settings.node.id,
            keep=timedelta(hours=limits.command_keep_h), age_max=profile.intake.reported_age_max,
            now_us=now_us,
        )

    @cache
    def mapping() -> Maps:
        from node.service.maps.room import Maps
        from node.store import maps as map_rows

        return Maps(places=geography, store=map_rows, writer=writer, now_us=now_us)

    @cache
    def tracking() -> Tracks:
        from node.service.tracks import Tracks
        from node.store import tracks as tracking_rows

        return Tracks(
            store=tracking_rows, audit=audit, writer=writer,
            rules=patrol_named(profile.patrol, home=settings.home),
            evaluation=lambda: evaluating()[0], age_max=profile.intake.reported_age_max,
            now_us=now_us,
        )

    @cache
    def federating() -> Federation:
        # Loaded here: only whoever looks at the links as a whole needs it.
        from hub.link.messages import PROTO_MAX
        from node.service.federation import Federation

        return Federation(
            node=settings.node.id, name=surroundings.name, proto=PROTO_MAX,
            membership=office.membership, neighbours=neighbours, own_keys=office.own_keys,
        )

    office = Office(
        node=settings.node.id,
        name=surroundings.name,
        handler=handler,
        queries=queries,
        table=table,
        feed=feed,
        neighbours=neighbours,
        inquiry=inquiry,
        album=album,
        writing=writing,
        calling=calling,
        belonging=belonging or _unserved,
        federating=federating,
        accepting=accepting,
        sharing_with=sharing,
        units=units,
        places=geography,
        calendars=year,
        evaluating=evaluating,
        admission=admission,
        dossiers=dossiers,
        ledger=Ledger(
            store=store, codec=codec, writer=writer, surroundings=surroundings, now_us=now_us
        ),
        stock=stock,
        doctor=doctor,
        standards=standards,
        cards=cards,
        duties=duties,
        fund=fund,
        handlers=handlers,
        alarming=alarming,
        tracking=tracking,
        mapping=mapping,
        maintaining=maintaining,
        patrolling=patrolling,
        packing=packing,
        uniting=uniting,
        auditing=auditing,
        bundling=bundling,
        keeping=keeping,
        recorder=audit,
        peopling=peopling,
        admitting=admitting,
        budget=Budget(
            store=budgeting,
            writer=writer,
            surroundings=surroundings,
            evaluation=lambda: evaluating()[0],
            now_us=now_us,
        ),
        kin=kin,
        reporting=reporting,
        posting=Posting(
            reporting=reporting, sources=surroundings.sources, rules=settings.public,
            now_us=now_us, keep=album.put, code=reporters.code,
        ),
        reporters=reporters,
        notices=Notices(
            rows=rows,
            writer=writer,
            handler=handler,
            now_us=now_us,
            rows_max=limits.page_rows_max,
        ),
        public=PublicPage(
            store=store,
            rows=rows,
            writer=writer,
            handler=handler,
            reporters=reporters,
            rules=profile.intake,
            now_us=now_us,
        ),
    )
    def housekeeping(tx: Tx) -> int:
        forget(people_rows, tx)
        return handler.forget(tx)

    timers = Timers(
        desk=desk,
        writer=writer,
        now_us=now_us,
        batch=limits.timer_batch_max,
        poll_s=limits.timer_poll_s,
        housekeeping=housekeeping,
    )
    return Rooms(
        office=office,
        surroundings=surroundings,
        receiver=receiver,
        timers=timers,
        library=library,
        ask_desk=ask_desk,
        neighbours=neighbours,
        queries=queries,
        feed=feed,
        units=units,
        doctor=doctor,
        places=geography,
        comparison=comparison,
        calendars=year,
    )


def _unserved() -> tuple[Membership, Invitations, OwnKeys]:
    raise Unreachable("members: this node is not serving", code="node.not_ready")


def _personal(settings: Settings, *, suite: str) -> Personal:
    """How names and phones are kept; ciphers are loaded by offices that seal, or once did."""
    path = settings.keys / DATA_FILE
    if not settings.personal.sealed and not path.exists():
        return Personal()
    from node.main.data_keys import personal_of

    return personal_of(path, seals=settings.personal.sealed, suite=suite)
