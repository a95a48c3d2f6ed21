"""What is said of units, responsibility and set-up: zh-CN first, then English. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

DUTY_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "refusal.intake.class_detail_missing": (
        "“{name}”类上报还须填写：{lacks}；命令行如 --detail {field}=…",
        "a report on {name} needs {lacks}: --detail {field}=…",
    ),
    "refusal.intake.class_detail_missing.both": (
        "“{name}”类上报还须填写：{lacks}；并附照片：{roles}；命令行如 --detail {field}=…",
        "a report on {name} needs {lacks}, and photos: {roles}; --detail {field}=…",
    ),
    "refusal.intake.class_photo_missing": (
        "“{name}”类上报还须附照片：{roles}",
        "a report on {name} needs photos: {roles}",
    ),
    # --- refusals at the unit's own desk ----------------------------------------------------------
    "refusal.feedback.photo_missing": (
        "“{name}”的反馈必须附照片：{roles}；补充后再反馈",
        "a feedback on {name} shows photos: {roles}",
    ),
    "refusal.feedback.photo_missing.both": (
        "“{name}”的反馈必须附照片：{roles}；并说明已达到结案条件：{closing}（closing_met，命令行 "
        "--closing-met）；补充后再反馈",
        "a feedback on {name} shows photos: {roles}, and names the closing condition met: "
        "{closing} (closing_met, --closing-met)",
    ),
    "refusal.feedback.closing_missing": (
        "反馈须说明已达到结案条件：{closing}（closing_met，命令行 --closing-met）",
        "the feedback names the closing condition met: {closing} (closing_met, --closing-met)",
    ),
    # --- why a unit is proposed, or why nobody is -------------------------------------------------
    "routed.unknown": ("本节点没有该案卷的内容", "what the case is about is not known here"),
    "routed.row": ("权责清单确定由 {names} 负责", "the responsibility table names {names}"),
    "routed.only_one": (
        "权责清单中只有 {names} 负责此类问题，其限定条件尚未核实",
        "the responsibility table names {names} alone, within a limit that is not verified",
    ),
    "routed.maintainer": ("部件由 {names} 养护", "the component is maintained by {names}"),
    "routed.owner": ("部件权属单位为 {names}", "the component is owned by {names}"),
    "routed.area_first": (
        "{names} 与 {over} 均符合，按属地为主由 {names} 负责",
        "{names} and {over} both fit; the area goes first: {names}",
    ),
    "routed.bureau_first": (
        "{names} 与 {over} 均符合，按部门为主由 {names} 负责",
        "{names} and {over} both fit; the bureau goes first: {names}",
    ),
    "routed.territory": (
        "无责任主体，按属地管理由 {names} 负责",
        "nobody is responsible; by territory it goes to {names}",
    ),
    "routed.decided": ("协调决定由 {names} 牵头", "a coordination decided that {names} leads"),
    "routed.none": (
        "权责清单中没有对应的责任单位，须人工确定",
        "the responsibility table names nobody: a person has to decide",
    ),
    "routed.several": (
        "{names} 同等符合，须人工确定", "{names} fit equally well: a person has to decide",
    ),
    "routed.unsettled": (
        "{names} 均可能负责，取决于设施权属或所在范围，须人工核实",
        "it may be {names}, depending on whose thing it is or where exactly: a person has to look",
    ),
    "routed.no_way_in": (
        "应由 {names} 负责，但该单位既无节点也无适配器，无法派遣",
        "{names} would be responsible, and has neither a node nor an adapter",
    ),
    "routed.by_row": (
        "依据：标准 {standard}、代码 {code}、区划 {area}",
        "row: standard {standard}, code {code}, area {area}",
    ),
    "routed.limit.own_assets": ("限本单位设施", "own assets only"),
    "routed.limit.maintenance_period": (
        "限本单位建设且在养护期内", "what it built, within its maintenance period",
    ),
    "routed.limit.operating_area": ("限运行管理范围内", "within its operating area"),
    # --- gaps on unit cards -----------------------------------------------------------------------
    "unit.unanswerable": (
        "既无在岗联络人也无可用接入，不能派遣",
        "neither an active clerk nor a way in: no order can be sent there",
    ),
    "unit.shut.no_adapter": (
        "接入地址 {address} 没有对应的适配器（缺 adapters/{name}/manifest.toml），不能派遣",
        "there is no adapter for {address} (adapters/{name}/manifest.toml is missing): no order "
        "can be sent there",
    ),
    "unit.shut.no_node": (
        "接入地址 {address} 不是本节点的下级，不能派遣",
        "{address} is no child of this node: no order can be sent there",
    ),
    "unit.shut.unusable": (
        "适配器 {name} 无法启动（见 wanmi doctor），派单会一直等待",
        "adapter {name} cannot start (see wanmi doctor): orders to it wait",
    ),
    "unit.lacks.leader": ("缺分管领导", "no leader in charge"),
    "unit.lacks.section": ("缺责任科室", "no section"),
    "unit.lacks.crew": ("缺处置队伍", "no crew"),
    "unit.lacks.duty_phone": ("缺值班电话", "no duty phone"),
    "unit.lacks.clerk": ("缺在岗联络人", "no active clerk"),
    "unit.lacks.address": ("缺接入地址", "no address for orders"),
    "unit.lacks.plan": ("缺应急处置方案", "no emergency plan"),
    "unit.lacks.region": ("缺区划代码", "no division code"),
    # --- set-up checklist -------------------------------------------------------------------------
    "setup.complete": ("{subject}：{there} 项，齐全", "{subject}: {there}, complete"),
    "setup.unmapped": (
        "{subject}：{there} 条，另有 {missing} 条职责未对应到分类代码",
        "{subject}: {there}, and {missing} duties without a class",
    ),
    "setup.unstaffed": (
        "{subject}：{there} 个，另有 {missing} 个单位没有在岗联络人",
        "{subject}: {there}, and {missing} units without one",
    ),
    "setup.gaps": (
        "{subject}：{there} 项，其中 {missing} 项卡片有缺项",
        "{subject}: {there}, of which {missing} have gaps on their cards",
    ),
    "setup.tokenless": (
        "{subject}：{there} 个；尚未给人员建立令牌",
        "{subject}: {there}, and nobody has a token yet",
    ),
    "setup.unusable": (
        "{subject}：{there} 个，其中 {missing} 个适配器无法启动，见 wanmi doctor",
        "{subject}: {there}, of which {missing} adapters cannot start: see wanmi doctor",
    ),
    "setup.empty": ("{subject}：尚未录入", "{subject}: nothing yet"),
    "setup.of.units": ("责任单位", "units"),
    "setup.of.responsibilities": ("权责清单", "responsibilities"),
    "setup.of.limits": ("立案条件与时限", "filing conditions and limits"),
    "setup.of.people": ("有在岗联络人的单位", "units with an active clerk"),
    "setup.of.links": ("下级节点与适配器", "children and adapters"),
    # --- imports ----------------------------------------------------------------------------------
    "cell.nobody": ("没有写明责任单位", "names neither a unit nor an assignee"),
    "cell.nobody.mend": (
        "填写责任单位编号或名称，或承办地址",
        "write the unit's id or name, or the address of its orders",
    ),
    "cell.qualifier": ("“{given}” 不是限定条件", "'{given}' is no qualifier"),
    "cell.qualifier.mend": (
        "可写：涉及本单位、养护期内、运行管理范围，或留空",
        "write own_assets, maintenance_period or operating_area, or leave it empty",
    ),
    "cell.unit_id": ("“{given}” 不是单位编号", "'{given}' is no unit id"),
    "cell.unit_id.mend": (
        "只用字母、数字、点、下划线和连字符", "letters, digits, dots, underscores and hyphens only",
    ),
    "cell.clerks": ("联络人缺姓名", "a clerk without a name"),
    "cell.clerks.mend": (
        "写成 姓名/电话，多人用分号隔开，离岗的加 /停用",
        "write name/phone, several by semicolons, and /off for who is away",
    ),
    "responsibility.unmapped": (
        "“{given}” 尚无对应的分类代码，已列入待对应清单",
        "'{given}' has no class yet and is kept for a person to map",
    ),
    "responsibility.unmapped.mend": (
        "用 wanmi duty unmapped 查看，用 wanmi duty map 对应",
        "see wanmi duty unmapped, and map it with wanmi duty map",
    ),
    "unit.no_region": (
        "属地单位没有区划代码，无法按属地派遣",
        "a territorial unit without a division code gets nothing by territory",
    ),
    "unit.no_region.mend": (
        "填写国家区划代码；没有的填本市自编代码",
        "write its national code, or one of the city's own",
    ),
})
"""Key → (Chinese, English)."""
