"""Load a config: norms < file < scenario (base of extends first) < --set; every fault at once, each with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from facilityplan.config import messages
from facilityplan.config.checks import check
from facilityplan.config.layers import DEFAULT, chain, overlay, prune, read_overrides, scenario_layer, without_fixed
from facilityplan.config.norms import default_objectives, load_norms
from facilityplan.config.resolve import Known, leaves, read
from facilityplan.config.schema import Config, Scenario
from facilityplan.config.shape import CONFIG
from facilityplan.config.tree import Items, Node, Origin, Scalar, Table, read_tree
from facilityplan.errors import Fault, FaultyInput, Text, UsageError

DEFAULT_NAME = Text("默认情景", "Default")


@dataclass(frozen=True)
class LoadedConfig:
    """A config with one scenario applied, and where each of its values comes from."""

    config: Config
    scenario: str
    scenarios: Mapping[str, Text]  # every scenario that the file offers: id → name; "default" is always among them
    path: Path
    provenance: Mapping[str, Origin]  # dotted key → origin; a list of plain values is one key
    norms_version: str
    overrides: tuple[str, ...] = ()  # the keys of --set, as given

    @property
    def scenario_name(self) -> Text:
        """Return the name of the scenario that is applied."""
        return self.scenarios[self.scenario]


def load_config(path: str | Path, *, scenario: str | None = None, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Read a config file, apply a scenario (the file's default_scenario unless one is named) and --set overrides.

    Every scenario of the file is checked, not only the one asked for. Raises FaultyInput with every fault found,
    UsageError where `scenario` does not exist or an override is not of the form key=value.
    """
    return load_configs(path, [scenario], overrides=overrides)[0]


def load_configs(path: str | Path, scenarios: Sequence[str | None] | None, *, overrides: Sequence[str] = ()
                 ) -> list[LoadedConfig]:
    """Read a config file once for several scenarios, or (None) for every one: each as `load_config` returns it.

    Every scenario of the file is checked at each reading, so one reading for all of them is much the cheaper.
    """
    path = Path(path)
    faults: list[Fault] = []
    root = read_file(path, faults)
    norms = load_norms()
    base = overlay(norms.layer, prune(root, CONFIG), CONFIG, faults, edit=False)
    assert isinstance(base, Table)
    known = _scenarios(base)
    names = _names(known)
    asked = list(names) if scenarios is None else list(scenarios)
    chosen = [_chosen(base, one, names, faults) for one in asked]
    edits = without_fixed(prune(read_overrides(overrides, faults), CONFIG), faults)

    sets = {name: scenario_layer(name, node, faults) for name, node in known.items()}
    whole = norms.fill(with_objectives(base))
    shared: Known = {}
    config, view, found = read(whole, shared)
    faults += found + check(view)
    seen = {_key(f) for f in faults}
    results = {}
    for name in names:
        tree = base
        for layer in (sets.get(n) for n in chain(name, known, faults)):
            tree = tree if layer is None else overlay(tree, layer, CONFIG, faults, edit=True)
        tree = overlay(tree, edits, CONFIG, faults, edit=True) if name in chosen else tree
        assert isinstance(tree, Table)
        tree = norms.fill(with_objectives(tree))
        config, view, found = read(tree, shared)
        # What only this scenario brings about is told with its name.
        faults += [
            replace(f, id=name if name in known and not _of_command_line(f) else None)
            for f in found + check(view)
            if _key(f) not in seen
        ]
        if name in chosen and config is not None:
            results[name] = tree, config
    if faults or len(results) < len({*chosen}):
        raise FaultyInput(_in_order(faults))
    loaded = []
    for one, name in zip(asked, chosen, strict=True):
        tree, config = results[name]
        config = _resolved(config, name, names)
        loaded.append(LoadedConfig(config, name, names, path, _provenance(config, tree, name, one), norms.version,
                                   tuple(dict.fromkeys(key.split("=", 1)[0].strip() for key in overrides))))
    return loaded


def placed(faults: Sequence[Fault], loaded: LoadedConfig) -> list[Fault]:
    """Return the faults, those of a setting that know no file with the place where it, or its section, is written."""
    def of(fault: Fault) -> Fault:
        if fault.file is not None or not fault.field:
            return fault
        own = loaded.provenance.get(fault.field)
        if own is not None and own.kind == "override":
            return replace(fault, file=own.file)
        below = [o for key, o in loaded.provenance.items() if o.line and o.kind in ("file", "scenario")
                 and (key == fault.field or key.startswith(f"{fault.field}."))]
        if not below:
            return replace(fault, file=str(loaded.path))
        first = min(below, key=lambda o: (o.kind != "scenario", o.line or 0))
        return replace(fault, file=first.file, line=first.line, column=first.column)

    return [of(fault) for fault in faults]


def list_scenarios(path: str | Path) -> tuple[str, ...]:
    """Return the ids of a config file's scenarios, "default" included. Raises FaultyInput."""
    return tuple(load_config(path).scenarios)


def read_file(path: Path, faults: list[Fault]) -> Table:
    """Return the file as a tree; faults that leave one are appended, FaultyInput is raised for the others."""
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(1_000_001)
    except OSError as error:
        what = (
            Text("没有这个配置文件", "there is no such config file")
            if isinstance(error, FileNotFoundError)
            else Text("读不了这个配置文件", "the config file cannot be read")
        )
        raise FaultyInput(
            [
                Fault(
                    "config_not_found",
                    what,
                    Text("检查路径和权限；样例在 configs/ 下", "check path and permissions; examples are in configs/"),
                    file=name,
                )
            ]
        ) from None
    root = read_tree(data, file=name, kind="file", faults=faults)
    if root is not None and not isinstance(root, Table):
        faults.append(
            Fault(
                "not_a_config",
                Text("最外层不是“键: 值”", "the top level is not “key: value” lines"),
                Text(
                    "从 configs/ 里的样例改起；冒号用半角，后面空一格",
                    "start from an example in configs/; a colon is followed by a space",
                ),
                file=name,
                line=1,
            )
        )
    if not isinstance(root, Table):
        raise FaultyInput(_in_order(faults))
    return root


def _scenarios(base: Table) -> dict[str, Node]:
    node = base.entries.get("scenarios")
    return dict(node.entries) if isinstance(node, Table) else {}


def _names(scenarios: Mapping[str, Node]) -> dict[str, Text]:
    names = {} if DEFAULT in scenarios else {DEFAULT: DEFAULT_NAME}
    for key, node in scenarios.items():
        entries = node.entries if isinstance(node, Table) else {}
        zh, en = (entries.get(k) for k in ("name", "name_en"))
        names[key] = Text(zh.text if isinstance(zh, Scalar) else key, en.text if isinstance(en, Scalar) else key)
    return names


def _chosen(base: Table, scenario: str | None, names: Mapping[str, Text], faults: list[Fault]) -> str:
    if scenario is not None:
        if scenario not in names:
            hint = messages.meant(scenario, list(names))
            raise UsageError(
                Text(f"没有名为“{scenario}”的情景；{hint.zh}", f"there is no scenario “{scenario}”; {hint.en}")
            )
        return scenario
    node = base.entries.get("default_scenario")
    if not isinstance(node, Scalar) or node.empty:
        return DEFAULT
    if node.text not in names:
        faults.append(messages.unknown_scenario(node.origin, "default_scenario", node.text, list(names)))
        return DEFAULT
    return node.text


def with_objectives(tree: Table) -> Table:
    """Fill in the default objectives where none are given: they follow the standards and the blocks that are on."""
    if "objectives" in tree.entries:
        return tree
    standards = tree.entries.get("standards")
    ids = (
        [
            i.text
            for item in standards.items
            if isinstance(item, Table) and isinstance(i := item.entries.get("id"), Scalar)
        ]
        if isinstance(standards, Items)
        else []
    )
    count: Node | None = tree
    for key in ("rules", "sub_centres", "max_count"):
        count = count.entries.get(key) if isinstance(count, Table) else None
    on = isinstance(count, Scalar) and count.text != "0"
    rules = tree.entries.get("rules")
    grouped = isinstance(rules, Table) and isinstance(rules.entries.get("consortia"), Table)
    services = rules.entries.get("centres") if isinstance(rules, Table) else None
    stages = default_objectives(list(dict.fromkeys(ids)), sub_centres=on, consortia=grouped,
                                centres=isinstance(services, Items) and bool(services.items))
    return tree.with_entries({**tree.entries, "objectives": stages})


def _resolved(config: Config, chosen: str, names: Mapping[str, Text]) -> Config:
    """Return the config with only the applied scenario listed, so that it stands for itself."""
    name = names[chosen]
    scenarios = {chosen: Scenario(name=name.zh, name_en=name.en)}
    return config.model_copy(update={"default_scenario": chosen, "scenarios": scenarios})


def _provenance(config: Config, tree: Table, chosen: str, asked: str | None) -> dict[str, Origin]:
    default = Origin("default")
    found = {key: default if node is None else node.origin for key, node in leaves(config, tree, CONFIG)}
    if asked is not None:
        found["default_scenario"] = Origin("option", name="-s")  # the file's own scenario, so nothing of it was changed
    for key in ("extends", "set"):
        found[f"scenarios.{chosen}.{key}"] = default
    return found


def _of_command_line(fault: Fault) -> bool:
    return (fault.file or "").startswith("--set")


def _key(fault: Fault) -> tuple[object, ...]:
    if _of_command_line(fault):  # said once, however many scenarios it is laid over
        return fault.code, fault.file, fault.field
    return fault.code, fault.file, fault.line, fault.column, fault.field


def _in_order(faults: Sequence[Fault]) -> list[Fault]:
    """Return the faults once each, in the order of the file; those of --set come last."""
    unique: dict[tuple[object, ...], Fault] = {}
    for fault in faults:
        unique.setdefault(_key(fault), fault)
    return sorted(
        unique.values(),
        key=lambda f: (_of_command_line(f), f.line or 0, f.column or 0, f.field or "", f.code),
    )
