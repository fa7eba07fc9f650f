{#
Which nodes are linked, directly or by a chain of others: a select of `node`, `component`, where the component is the
smallest node of those linked. Nodes that share a hub are linked; a node that shares none with another has no row.
`links` names a relation of one row per node and hub; nodes are whole numbers.

    components('shown', node='record_number', hub='email')
#}
{% macro components(links, node, hub) -%}
    {{ return(adapter.dispatch('components')(links, node, hub)) }}
{%- endmacro %}

{#
Each node points to a smaller one of its component, at first to its smallest neighbour. A round offers every node what its
pointer and its neighbours' pointers point to, and its own pointer what its neighbours' pointers point to; it ends when
nobody was offered less. Pointers are halved every round, so a chain of n nodes takes about log n rounds (the algorithm
FastSV of Zhang, Azad and Hu, 2020).
#}
{% macro duckdb__components(links, node, hub) -%}
    with recursive hubbed as materialized (
        select {{ node }} as node, min({{ node }}) over (partition by {{ hub }}) as first_node
        from {{ links }}
    ),

    pairs as materialized (
        select node as one, first_node as other from hubbed where node <> first_node
        union
        select first_node, node from hubbed where node <> first_node
    ),

    pointers using key (node) as (
        select one as node, least(one, min(other)) as pointer from pairs group by one
        union
        (
            with followed as materialized (
                select own.node, own.pointer, next.pointer as next_pointer
                from recurring.pointers as own
                inner join recurring.pointers as next on own.pointer = next.node
            ),

            met as materialized (
                select pairs.one as node, min(followed.next_pointer) as offered
                from pairs
                inner join followed on pairs.other = followed.node
                group by pairs.one
            ),

            offers as (
                select node, next_pointer as offered from followed
                union all
                select node, offered from met
                union all
                select followed.pointer, met.offered from met inner join followed on met.node = followed.node
            )

            select own.node, min(offers.offered) as pointer
            from offers
            inner join recurring.pointers as own on offers.node = own.node
            where offers.offered < own.pointer
            group by own.node
        )
    )

    select node, pointer as component from pointers
{%- endmacro %}

{#
Spark writes a query out anew wherever it is named, so each round reads the round before it once. All that has one label
takes the smallest label beside any of it; labels are shuffled first, so that a long chain falls into shorter ones: every
round leaves less than three quarters of the labels (Bogeholz, Brand and Todor, 2020), 40 rounds one of 100,000.
#}
{% macro spark__components(links, node, hub, rounds=40) -%}
    select node, component
    from (
        select node, min(node) over (partition by label) as component, count(*) over (partition by label) as links
        from (
            select distinct node, label
            from
                {% for round in range(rounds) %}(
                select node, hub, min(beside) over (partition by label) as label
                from (
                    select node, hub, label, min(shared) over (partition by node) as beside
                    from (
                        select node, hub, label, min(label) over (partition by hub) as shared
                        from (
                            select node, hub, md5({{ loop.revindex }} || ':' || label) as label
                            from
                {% endfor %}
                (select {{ node }} as node, {{ hub }} as hub, cast({{ node }} as {{ dbt.type_string() }}) as label from {{ links }}) as begun
                {% for round in range(rounds) %}
                        ) as shuffled
                    ) as hubbed
                ) as besides
                ) as joined_{{ loop.index }}
                {% endfor %}
        ) as labelled
    ) as counted
    where links > 1
{%- endmacro %}
