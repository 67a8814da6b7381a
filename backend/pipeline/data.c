/* Chooses the sink by the shape of the target and runs the generator. */
#include "backend/pipeline/data.h"
#include "backend/base/uri.h"

static struct gen_sink *open_sink(const struct data_options *options, struct err *err)
{
    if (s3_is_name(options->out))
        return gen_sink_s3(options->aws, options->out, options->replace, options->cancel, err);
    return gen_sink_dir(options->out, options->replace, err);
}

bool data_generate(const struct data_options *options, struct gen_result *result, struct err *err)
{
    *result = (struct gen_result){0};
    struct gen_sink *sink = open_sink(options, err);
    if (!sink)
        return false;
    struct gen_options gen = {.users = options->users,
                              .seed = options->seed,
                              .threads = options->threads,
                              .sink = sink,
                              .cancel = options->cancel,
                              .progress = options->progress,
                              .context = options->context};
    return gen_run(&gen, result, err);
}
