"""The catalogue of faults is complete and consistent with the schemas."""

from __future__ import annotations

from data_generators import DEFAULT_FAULTS, FAULTS, SCHEMAS


def test_every_fault_names_a_column_of_its_table() -> None:
    for name, fault in FAULTS.items():
        assert fault.name == name
        assert name.startswith(fault.table + ".")
        assert fault.column in {column.name for column in SCHEMAS[fault.table]}
        assert fault.description


def test_identities_are_never_faulted() -> None:
    assert not {(fault.table, fault.column) for fault in FAULTS.values()} & {("users", "name"), ("products", "name")}


def test_default_faults_are_in_the_catalogue() -> None:
    assert set(DEFAULT_FAULTS) <= set(FAULTS)
