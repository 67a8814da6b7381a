/* SQL over 10 million rows of 8 columns: the embedded Athena (from StartQueryExecution to its end, polled every 2 ms),
 * DuckDB called directly over the same files, and SQLite over the same rows in a table. The fixed cost of one query,
 * scans of CSV and Parquet, and CTAS into Snappy Parquet. WEIR_BENCH_ROWS takes another number of rows. Figures are the
 * best of a few runs; files are in the page cache for all. */
#include "backend/aws/athena.h"
#include "backend/aws/s3.h"
#include "backend/base/clock.h"
#include "backend/base/db.h"
#include "backend/base/path.h"
#include "backend/core/localctl.h"
#include "backend/domain/session.h"
#include "backend/sql/duck.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 10 * 1000 * 1000, RUNS = 3, SMALL_RUNS = 15 };
#define OUTPUT "s3://bench/results/"

static struct bench {
    char dir[64], cloud[PATH_SIZE], csv[PATH_SIZE], parquet[PATH_SIZE], sqlite[PATH_SIZE], copy[PATH_SIZE];
    struct config config;
    struct session *session;
    struct aws *aws;
    struct duck *duck;
    struct db *db;
    long rows;
} bench;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static void must(bool ok, const char *what, const struct err *err)
{
    if (ok)
        return;
    fprintf(stderr, "athena: %s: %s\n", what, err->text);
    session_close(bench.session);
    localctl_stop(bench.cloud, NULL);
    path_remove_tree(bench.dir, NULL);
    exit(1);
}

/* ---- the three engines: each runs one statement to its end */

static void run_ours(const char *sql)
{
    struct err err = ERR_NONE;
    struct athena_start start = {.sql = sql, .database = "bench", .workgroup = "", .output = OUTPUT, .is_write = true};
    struct athena_state state = {.state = ""};
    struct timespec tick = {.tv_nsec = 2 * 1000 * 1000};
    char id[64];
    must(athena_start(bench.aws, &start, id, &err), sql, &err);
    while (!athena_has_ended(&state)) {
        must(athena_state(bench.aws, id, NULL, &state, &err), sql, &err);
        if (!athena_has_ended(&state))
            nanosleep(&tick, NULL);
    }
    if (strcmp(state.state, "SUCCEEDED") != 0)
        must(err_set(&err, ERR_FAILED, "%s", state.reason), sql, &err);
}

static void run_duck(const char *sql)
{
    struct err err = ERR_NONE;
    struct duck_result *result = duck_query(bench.duck, sql, &err);
    must(result != NULL, sql, &err);
    while (duck_next(result, &err))
        ;
    must(err.code == ERR_OK, sql, &err);
    duck_result_free(result);
}

static void open_duck(void)
{
    struct err err = ERR_NONE;
    const char *const dirs[] = {bench.dir, NULL};
    bench.duck =
        duck_open(&(struct duck_options){.memory_limit = "1GiB", .temp_dir = bench.dir, .allowed_dirs = dirs}, &err);
    must(bench.duck != NULL, "opening DuckDB", &err);
}

/* A whole life, as a tool's that is started for one query. */
static void run_duck_once(const char *sql)
{
    struct duck *kept = bench.duck;
    open_duck();
    run_duck(sql);
    duck_close(bench.duck);
    bench.duck = kept;
}

static void run_sqlite(const char *sql)
{
    struct err err = ERR_NONE;
    struct db_row *row = db_query(bench.db, &err, sql, "");
    must(row != NULL, sql, &err);
    while (db_step(row, &err))
        ;
    db_end(row);
    must(err.code == ERR_OK, sql, &err);
}

static double best_of(int runs, void (*run)(const char *sql), const char *sql)
{
    double best = -1;
    for (int i = 0; i < runs; i++) {
        double start = now_ms();
        run(sql);
        double took = now_ms() - start;
        best = best < 0 || took < best ? took : best;
    }
    return best;
}

static void print_figures(const char *name, double ours, double duck, double sqlite)
{
    printf("bench athena.ours.%s %.1f ms\n", name, ours);
    printf("bench athena.duckdb.%s %.1f ms\n", name, duck);
    printf("bench athena.ours-to-duckdb.%s %.2f times\n", name, ours / duck);
    if (sqlite >= 0)
        printf("bench athena.sqlite.%s %.1f ms, from its own table\n", name, sqlite);
    fflush(stdout);
}

/* ---- the data */

static void make_files(void)
{
    char sql[1024];
    open_duck();
    snprintf(
        sql, sizeof sql,
        "CREATE TABLE t AS SELECT range AS id, (range * 7919) %% 100000 AS user_id, DATE '2024-01-01' + "
        "CAST(range %% 365 AS INTEGER) AS day, CAST(range %% 24 AS INTEGER) AS hour, 'category-' || (range %% 8) AS "
        "category, ['de','fr','it','es'][1 + range // 3 %% 4] AS country, CAST((range * 31 %% 100000) / 100.0 AS "
        "DECIMAL(10,2)) AS amount, 'a text of row ' || (range * 104729 %% 1000003) AS note FROM range(%ld)",
        bench.rows);
    run_duck(sql);
    snprintf(sql, sizeof sql, "COPY t TO '%.400s' (FORMAT csv, HEADER false)", bench.csv);
    run_duck(sql);
    snprintf(sql, sizeof sql, "COPY t TO '%.400s' (FORMAT parquet, COMPRESSION snappy)", bench.parquet);
    run_duck(sql);
}

/* Row by row out of the engine, in one transaction. */
static void fill_sqlite(void)
{
    struct err err = ERR_NONE;
    bench.db = db_open(bench.sqlite, DB_READ_WRITE, &err);
    must(bench.db != NULL, "opening SQLite", &err);
    must(db_exec(bench.db,
                 "create table t(id integer, user_id integer, day text, hour integer, category text, country text, "
                 "amount real, note text); begin",
                 &err),
         "SQLite", &err);
    struct duck_result *result = duck_query(bench.duck, "SELECT * FROM t", &err);
    must(result != NULL, "reading the rows", &err);
    while (duck_next(result, &err)) {
        const char *cell[8];
        size_t starts[8] = {0};
        for (size_t i = 0; i < 8; i++)
            duck_text(result, i, &starts[i]);
        for (size_t i = 0; i < 8; i++) /* again: the text may have moved while the others were made */
            cell[i] = duck_text(result, i, &starts[i]);
        must(db_run(bench.db, &err, "insert into t values(?,?,?,?,?,?,?,?)", "tttttttt", cell[0], cell[1], cell[2],
                    cell[3], cell[4], cell[5], cell[6], cell[7]),
             "SQLite", &err);
    }
    duck_result_free(result);
    must(db_exec(bench.db, "commit", &err), "SQLite", &err);
    run_duck("DROP TABLE t");
}

static void upload(const char *key, const char *path)
{
    struct err err = ERR_NONE;
    struct stat info;
    struct s3_put put = s3_put_init("bench", key);
    put.fd = open(path, O_RDONLY | O_CLOEXEC);
    must(put.fd >= 0 && fstat(put.fd, &info) == 0, path, &err);
    put.len = info.st_size;
    must(s3_put_object(bench.aws, &put, NULL, &err), key, &err);
    close(put.fd);
}

static void open_cloud(void)
{
    struct err err = ERR_NONE;
    char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%.4000s:%.4000s", getenv("BUILD") ? getenv("BUILD") : "build", getenv("PATH"));
    setenv("PATH", path, 1);
    snprintf(bench.config.local_dir, sizeof bench.config.local_dir, "%s", bench.cloud);
    snprintf(bench.config.region, sizeof bench.config.region, "us-east-1");
    bench.config.refresh_ms = 600000;
    struct session_options options = {.config = &bench.config};
    bench.session = session_open(&options, &err);
    bench.aws = bench.session ? session_connect(bench.session, NULL, &err) : NULL;
    must(bench.aws && s3_create_bucket(bench.aws, "bench", NULL, &err), "starting the cloud", &err);
    upload("csv/t.csv", bench.csv);
    upload("parquet/t.parquet", bench.parquet);
    static const char columns[] = "(id bigint, user_id bigint, day date, hour int, category string, country string, "
                                  "amount decimal(10,2), note string)";
    run_ours("CREATE DATABASE bench");
    char sql[1024];
    snprintf(sql, sizeof sql,
             "CREATE EXTERNAL TABLE csv %s ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION "
             "'s3://bench/csv/'",
             columns);
    run_ours(sql);
    snprintf(sql, sizeof sql, "CREATE EXTERNAL TABLE parquet %s STORED AS PARQUET LOCATION 's3://bench/parquet/'",
             columns);
    run_ours(sql);
}

/* ---- the questions */

/* The rival's text for a table that is a file of its own. */
static const char *duck_table(bool is_csv, char out[2 * PATH_SIZE])
{
    if (is_csv)
        snprintf(
            out, 2 * PATH_SIZE,
            "read_csv('%.4000s', header=false, columns={'id':'BIGINT','user_id':'BIGINT','day':'DATE',"
            "'hour':'INTEGER','category':'VARCHAR','country':'VARCHAR','amount':'DECIMAL(10,2)','note':'VARCHAR'})",
            bench.csv);
    else
        snprintf(out, 2 * PATH_SIZE, "read_parquet('%.4000s')", bench.parquet);
    return out;
}

static void measure_scans(void)
{
    static const struct {
        const char *name, *sql; /* %s: the table */
    } questions[] = {
        {"count", "SELECT count(*) FROM %s"},
        {"group", "SELECT category, country, count(*), sum(amount) FROM %s GROUP BY 1, 2"},
        {"filter", "SELECT max(note) FROM %s WHERE hour = 3 AND user_id < 1000"},
    };
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        char sql[3 * PATH_SIZE], table[2 * PATH_SIZE], name[64];
        snprintf(sql, sizeof sql, questions[i].sql, "t");
        double sqlite = best_of(1, run_sqlite, sql);
        for (int is_csv = 1; is_csv >= 0; is_csv--) {
            snprintf(name, sizeof name, "%s.%s", is_csv ? "csv" : "parquet", questions[i].name);
            snprintf(sql, sizeof sql, questions[i].sql, is_csv ? "csv" : "parquet");
            double ours = best_of(RUNS, run_ours, sql);
            snprintf(sql, sizeof sql, questions[i].sql, duck_table(is_csv, table));
            print_figures(name, ours, best_of(RUNS, run_duck, sql), is_csv ? -1 : sqlite);
        }
    }
}

static void measure_ctas(void)
{
    char sql[3 * PATH_SIZE], table[2 * PATH_SIZE];
    double ours = best_of(1, run_ours,
                          "CREATE TABLE made WITH (format = 'PARQUET', write_compression = 'SNAPPY') AS "
                          "SELECT * FROM csv");
    snprintf(sql, sizeof sql, "COPY (SELECT * FROM %s) TO '%.4000s' (FORMAT parquet, COMPRESSION snappy)",
             duck_table(true, table), bench.copy);
    double duck = best_of(1, run_duck, sql);
    print_figures("ctas", ours, duck, best_of(1, run_sqlite, "create table made as select * from t"));
}

int main(void)
{
    const char *rows = getenv("WEIR_BENCH_ROWS");
    bench.rows = rows ? strtol(rows, NULL, 10) : ROWS;
    snprintf(bench.dir, sizeof bench.dir, "/tmp/weir-bench-XXXXXX");
    if (!mkdtemp(bench.dir))
        return 1;
    snprintf(bench.cloud, sizeof bench.cloud, "%s/cloud", bench.dir);
    snprintf(bench.csv, sizeof bench.csv, "%s/t.csv", bench.dir);
    snprintf(bench.parquet, sizeof bench.parquet, "%s/t.parquet", bench.dir);
    snprintf(bench.sqlite, sizeof bench.sqlite, "%s/t.sqlite", bench.dir);
    snprintf(bench.copy, sizeof bench.copy, "%s/copy.parquet", bench.dir);
    make_files();
    fill_sqlite();
    open_cloud();
    printf("bench athena.rows %ld rows of 8 columns\n", bench.rows);
    double ours = best_of(SMALL_RUNS, run_ours, "SELECT 1");
    print_figures("one-query", ours, best_of(SMALL_RUNS, run_duck_once, "SELECT 1"),
                  best_of(SMALL_RUNS, run_sqlite, "select 1"));
    measure_scans();
    measure_ctas();
    duck_close(bench.duck);
    db_close(bench.db);
    session_close(bench.session);
    localctl_stop(bench.cloud, NULL);
    path_remove_tree(bench.dir, NULL);
    return 0;
}
