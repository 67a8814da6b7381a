/* What completion offers where: '|' is the cursor, the list begins with the candidates expected. */
#include "backend/domain/completion.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct catalog_column order_columns[] = {
    {.name = "order_id", .type = "bigint"}, {.name = "user_id", .type = "bigint"},
    {.name = "order_dow", .type = "int"},   {.name = "Order Note", .type = "string"},
    {.name = "group", .type = "string"},    {.name = "dt", .type = "string", .is_partition_key = true}};
static struct catalog_column product_columns[] = {{.name = "product_id", .type = "bigint"},
                                                  {.name = "product_name", .type = "string"},
                                                  {.name = "aisle_id", .type = "int"},
                                                  {.name = "dt", .type = "string"}};
static struct catalog_column event_columns[] = {
    {.name = "event_time", .type = "timestamp"},
    {.name = "payload", .type = "struct<kind:string,place:struct<lat:double,lon:double>,tags:array<string>>"}};
static struct catalog_table tables[] = {
    {.database = "recsys", .name = "order-items", .format = "csv", .kind = "EXTERNAL_TABLE"},
    {.database = "recsys",
     .name = "orders",
     .format = "parquet",
     .kind = "EXTERNAL_TABLE",
     .columns = order_columns,
     .column_count = 6},
    {.database = "recsys", .name = "orders_view", .format = "view", .kind = "VIRTUAL_VIEW"},
    {.database = "recsys",
     .name = "products",
     .format = "csv",
     .kind = "EXTERNAL_TABLE",
     .columns = product_columns,
     .column_count = 4},
    {.database = "streams",
     .name = "events",
     .format = "json",
     .kind = "EXTERNAL_TABLE",
     .columns = event_columns,
     .column_count = 2},
};
static struct catalog_database databases[] = {{.name = "default", .description = ""},
                                              {.name = "recsys", .description = "the lake"},
                                              {.name = "streams", .description = ""}};
static const struct catalog_view view = {
    .databases = databases, .database_count = 3, .tables = tables, .table_count = 5};

/* The labels, joined by ", "; and the text that the first one would make, in *whole. */
static const char *offered(const char *marked, char whole[512])
{
    static struct completion completion;
    static char out[16384];
    char text[512];
    size_t cursor = strcspn(marked, "|"), size = 0;
    snprintf(text, sizeof text, "%.*s%s", (int)cursor, marked, marked + cursor + 1);
    struct completion_request request = {
        .view = &view, .database = "recsys", .text = text, .len = strlen(text), .cursor = cursor};
    completion_find(&request, &completion);
    out[0] = whole[0] = '\0';
    for (size_t i = 0; i < completion.count; i++)
        size += (size_t)snprintf(out + size, sizeof out - size, "%s%s", i ? ", " : "", completion.items[i].label);
    if (completion.count)
        snprintf(whole, 512, "%.*s%s%s", (int)completion.start, text, completion.items[0].label, text + completion.end);
    completion_done(&completion);
    return out;
}

struct offer_case {
    const char *text, *first; /* the list begins with it; "" it is empty */
    const char * not ;        /* a label that is not in it; NULL any */
};

static void check(const struct offer_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char whole[512];
        const char *labels = offered(cases[i].text, whole);
        bool ok = *cases[i].first ? strncmp(labels, cases[i].first, strlen(cases[i].first)) == 0 : !*labels;
        if (cases[i].not &&strstr(labels, cases[i].not ))
            ok = false;
        if (!ok)
            print_error("%s\n  expected %s\n  offered  %.300s\n", cases[i].text, cases[i].first, labels);
        assert_true(ok);
    }
}
#define CHECK(cases) check(cases, sizeof cases / sizeof *cases)

static void keywords_stand_where_they_fit(void **state)
{
    static const struct offer_case cases[] = {
        {.text = "|", .first = "SELECT"},
        {.text = "sel|", .first = "select"},
        {.text = "SEL|", .first = "SELECT"},
        {.text = "select 1; sh|", .first = "show"},
        {.text = "select order_id fr|", .first = "from"},
        {.text = "SELECT order_id |", .first = "FROM, AS", .not = "order_dow"},
        {.text = "select * from orders wh|", .first = "where"},
        {.text = "select * from orders gr|", .first = "group by"},
        {.text = "select * from orders group |", .first = "by"},
        {.text = "select * from orders o left |", .first = "join"},
        {.text = "select * from orders where order_id = 1 an|", .first = "and"},
        {.text = "select * from orders order by dt de|", .first = "desc"},
        {.text = "select cast(dt as bi|", .first = "bigint"},
        {.text = "select * from orders where dt is |", .first = "null, not null"},
        {.text = "show |", .first = "tables, databases, columns in"},
        {.text = "drop |", .first = "table, view, database"},
        {.text = "select case when 1 = 1 th|", .first = "then"},
        {.text = "select * from orders union all |", .first = "select"},
        {.text = "create table x as |", .first = "select"},
    };
    (void)state;
    CHECK(cases);
}

static void tables_stand_behind_from(void **state)
{
    static const struct offer_case cases[] = {
        {.text = "select * from |", .first = "\"order-items\", orders, orders_view, products", .not = "order_id"},
        {.text = "select * from ord|", .first = "\"order-items\", orders, orders_view"},
        {.text = "select * from orders join pro|", .first = "products"},
        {.text = "select * from orders, pro|", .first = "products"},
        {.text = "select * from even|", .first = "streams.events"},
        {.text = "select * from str|", .first = "streams"},
        {.text = "select * from streams.|", .first = "events"},
        {.text = "select * from streams.ev|", .first = "events"},
        {.text = "select * from awsdatacatalog.recsys.pr|", .first = "products"},
        {.text = "insert into ord|", .first = "\"order-items\", orders"},
        {.text = "describe ord|", .first = "`order-items`, orders"},
        {.text = "drop table if exists pr|", .first = "products"},
        {.text = "show partitions ord|", .first = "`order-items`, orders"},
        {.text = "msck repair table ord|", .first = "`order-items`, orders"},
        {.text = "show tables in s|", .first = "streams"},
        {.text = "use re|", .first = "recsys"},
        {.text = "with x as (select 1) select * from |", .first = "x"},
        {.text = "select * from (select * from pr|) t", .first = "products"},
    };
    (void)state;
    CHECK(cases);
}

static void columns_are_those_of_the_tables_in_reach(void **state)
{
    static const struct offer_case cases[] = {
        {.text = "select ord| from orders", .first = "\"Order Note\", order_dow, order_id"},
        {.text = "select | from products", .first = "aisle_id, dt, product_id, product_name", .not = "order_id"},
        {.text = "select o.| from orders o", .first = "dt, \"group\", \"Order Note\", order_dow", .not = "product_id"},
        {.text = "select * from orders o join products p on o.order_id = p.|", .first = "aisle_id, dt, product_id"},
        {.text = "select * from orders o where o.us|", .first = "user_id"},
        {.text = "select orders.us| from orders", .first = "user_id"},
        {.text = "select recsys.orders.us| from recsys.orders", .first = "user_id"},
        {.text = "select products.prod|", .first = "product_id"},
        {.text = "select ev| from streams.events", .first = "event_time"},
        {.text = "select * from orders where user_id in (select pro| from products)", .first = "product_id"},
        {.text = "select * from orders where user_id in (select us| from products)", .first = "user_id"},
        {.text = "select * from orders order by us|", .first = "user_id"},
        {.text = "select count(*) as total_count from orders order by tot|", .first = "total_count"},
        {.text = "select * from orders union select prod| from products", .first = "product_id", .not = "order_id"},
        {.text = "insert into products (|", .first = "aisle_id, dt, product_id"},
        {.text = "select sum(ais|) from products", .first = "aisle_id"},
        {.text = "select d| from orders o, products p", .first = "o.dt, p.dt"},
        {.text = "select * from orders join products using (d|", .first = "dt"},
        {.text = "select * from \"orders\" where us|", .first = "user_id"},
    };
    (void)state;
    CHECK(cases);
}

static void names_of_with_and_subqueries_are_known(void **state)
{
    static const struct offer_case cases[] = {
        {.text = "with x as (select order_id as oid, user_id from orders) select x.| from x", .first = "oid, user_id"},
        {.text = "with x (aa, ab) as (select 1, 2) select a| from x", .first = "aa, ab"},
        {.text = "select t.| from (select product_id pid, count(*) as n from products) t", .first = "n, pid"},
        {.text = "select t.| from (select * from products) as t", .first = "aisle_id, dt, product_id"},
        {.text = "select t.us| from (select o.* from orders o join products p on true) t", .first = "user_id"},
        {.text = "with x as (select * from orders), y as (select us| from x) select 1", .first = "user_id"},
        {.text = "select v.| from unnest(array[1]) as v(item)", .first = "item"},
    };
    (void)state;
    CHECK(cases);
}

static void fields_joins_and_windows_are_offered(void **state)
{
    static const struct offer_case cases[] = {
        {.text = "select payload.| from streams.events", .first = "kind, place, tags", .not = "lat"},
        {.text = "select e.payload.pl| from streams.events e", .first = "place"},
        {.text = "select * from orders o join products p on |", .first = "o.dt = p.dt"},
        {.text = "select * from orders a join orders b on |",
         .first = "a.order_id = b.order_id, a.user_id = b.user_id"},
        {.text = "select * from orders a join orders b on us|", .first = "a.user_id, b.user_id, a.user_id = b.user_id"},
        {.text = "select * from orders a join orders b on a.dt = b.dt and us|", .first = "a.user_id, b.user_id"},
        {.text = "select row_number() over (|", .first = "partition by, order by"},
        {.text = "select sum(order_id) over (partition by us|) from orders", .first = "user_id"},
    };
    (void)state;
    CHECK(cases);
}

static void letters_quotes_and_case_follow_what_is_typed(void **state)
{
    static const struct offer_case cases[] = {
        {.text = "select USER| from orders", .first = "USER_ID"},
        {.text = "select Us| from orders", .first = "user_id"},
        {.text = "select \"us| from orders", .first = "\"user_id\""},
        {.text = "select \"Ord| from orders", .first = "\"Order Note\", \"order_dow\", \"order_id\""},
        {.text = "select name| from products", .first = "product_name"},
        {.text = "select oid| from orders", .first = "order_id"},
        {.text = "select date_d|", .first = "date_diff"},
        {.text = "select COUN|", .first = "COUNT"},
    };
    char whole[512];
    (void)state;
    CHECK(cases);
    offered("select \"us|\" from orders", whole);
    assert_string_equal(whole, "select \"user_id\" from orders");
    offered("select us| from orders", whole);
    assert_string_equal(whole, "select user_id from orders");
}

static void strings_and_comments_have_none(void **state)
{
    static const struct offer_case cases[] = {
        {.text = "select 'sel|", .first = ""},
        {.text = "select 'sel|' from orders", .first = ""},
        {.text = "select 1 -- sel|", .first = ""},
        {.text = "select /* sel| */ 1", .first = ""},
        {.text = "select order_id as |", .first = ""},
        {.text = "select 1 limit |", .first = ""},
        {.text = "select \"order_id\"| from orders", .first = ""},
    };
    (void)state;
    CHECK(cases);
}

static void without_a_catalog_there_are_words_and_functions(void **state)
{
    struct completion completion;
    struct completion_request request = {.text = "select cou", .len = 10, .cursor = 10};
    (void)state;
    completion_find(&request, &completion);
    assert_true(completion.count > 0);
    assert_string_equal(completion.items[0].label, "count");
    assert_int_equal(completion.items[0].kind, COMPLETION_FUNCTION);
    assert_int_equal(completion.start, 7);
    completion_done(&completion);
}

static void broken_text_does_no_harm(void **state)
{
    static const char *const texts[] = {"|",
                                        "(((|",
                                        ")))|",
                                        "select (a, |(",
                                        "from from from |",
                                        "with with as (|",
                                        "select a..|",
                                        ".|",
                                        "select * from (((|",
                                        "\"|",
                                        "`|",
                                        "insert into (|",
                                        "select * from a join (b join (c |",
                                        "; ; |",
                                        "select 1e| from t"};
    char whole[512];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_non_null(offered(texts[i], whole));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords_stand_where_they_fit),
        cmocka_unit_test(tables_stand_behind_from),
        cmocka_unit_test(columns_are_those_of_the_tables_in_reach),
        cmocka_unit_test(names_of_with_and_subqueries_are_known),
        cmocka_unit_test(fields_joins_and_windows_are_offered),
        cmocka_unit_test(letters_quotes_and_case_follow_what_is_typed),
        cmocka_unit_test(strings_and_comments_have_none),
        cmocka_unit_test(without_a_catalog_there_are_words_and_functions),
        cmocka_unit_test(broken_text_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
