"""The defined metrics against the tables in which they are published."""

from tests.warehouse.conftest import Night


def test_every_defined_metric_is_published_in_its_table(night: Night):
    missing = night.rows("""
        select metric, source_table, source_column
        from core.metric_definitions
        left join duckdb_columns() as columns
            on columns.schema_name || '.' || columns.table_name = source_table and columns.column_name = source_column
        where columns.column_name is null
    """)
    assert not missing


def test_ratios_equal_their_formulas_on_every_row(night: Night):
    ratios = night.rows(r"""
        select source_table, source_column, formula
        from core.metric_definitions
        where regexp_full_match(formula, 'sum\(\w+\) / \(?sum\(\w+\)( \+ sum\(\w+\)\))?')
    """)
    assert len(ratios) >= 10
    for table, column, formula in ratios:
        wrong = night.rows(f"""
            select any_value({column}) as told, {formula} as computed
            from {table} as facts
            group by facts
            having abs(any_value({column}) - {formula}) > 0.0051
        """)
        assert not wrong, f"{table}.{column} is not {formula}"
