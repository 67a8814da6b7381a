/* Data generator: rows per second and peak memory at two scales, written as CSV.gz to a directory that is removed
 * again. Each scale runs in its own process, so that its peak memory is its own. */
#include "backend/pipeline/gen.h"
#include "backend/base/clock.h"
#include "backend/base/path.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(uint64_t users)
{
    char dir[] = "/tmp/weir-bench-XXXXXX", name[32];
    struct err err = ERR_NONE;
    struct gen_result result;
    if (!mkdtemp(dir))
        return 1;
    struct gen_options options = {.users = users, .seed = 42, .sink = gen_sink_dir(dir, false, &err)};
    int64_t start_ms = clock_mono(&clock_system);
    bool is_ok = options.sink && gen_run(&options, &result, &err);
    double seconds = (double)(clock_mono(&clock_system) - start_ms) / 1000;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    if (!is_ok)
        fprintf(stderr, "generating %llu users failed: %s\n", (unsigned long long)users, err.text);
    snprintf(name, sizeof name, "gen.%llu", (unsigned long long)users);
    uint64_t rows = result.orders + result.prior_lines + result.train_lines + result.pairs;
    if (is_ok) {
        printf("bench %s.rows %.0f rows/s\n", name, (double)rows / seconds);
        printf("bench %s.time %.2f s\n", name, seconds);
        printf("bench %s.rss %.1f MiB\n", name, (double)usage.ru_maxrss / 1024);
        printf("bench %s.size %.1f MiB\n", name, (double)result.bytes / (1 << 20));
    }
    fflush(stdout);
    return !path_remove_tree(dir, &err) || !is_ok;
}

int main(void)
{
    static const uint64_t scales[] = {2000, 206209};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            _exit(run(scales[i]));
        if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
            return 1;
    }
    return 0;
}
