/* Randomness of the data generator: published SplitMix64 values, the keyed permutation, the laws' means, and the
 * intercept solver against plain bisection. */
#include "backend/pipeline/gen_random.h"
#include "backend/pipeline/gen_user.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void outputs_are_those_of_splitmix64(void **state)
{
    (void)state;
    /* first outputs of the reference implementation (Vigna's splitmix64.c) */
    struct gen_random zero = {0}, seeded = {1234567};
    assert_true(gen_next(&zero) == 0xE220A8397B1DCDAFu);
    assert_true(gen_next(&seeded) == 6457827717110365317u);
    assert_true(gen_next(&seeded) == 3203168211198807973u);
    assert_true(gen_next(&seeded) == 9817491932198370423u);
}

static void a_stream_starts_at_its_third_output(void **state)
{
    (void)state;
    struct gen_random plain = {42 * 0xD1342543DE82EF95u + 2 * 0xA24BAED4963EE407u + 7 * 0x9FB21C651E98DF25u};
    gen_next(&plain);
    gen_next(&plain);
    struct gen_random stream = gen_random_of(42, GEN_STREAM_USER, 7);
    assert_true(gen_next(&stream) == gen_next(&plain));
}

static void a_permutation_meets_every_number_once(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 5, 16, 17, 1000, 4096, 4097};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct gen_permutation permutation = gen_permutation_of(42, 9, sizes[s]);
        char *seen = calloc(sizes[s], 1);
        for (uint64_t i = 0; i < sizes[s]; i++) {
            uint64_t to = gen_permute(&permutation, i);
            assert_true(to < sizes[s]);
            assert_false(seen[to]);
            seen[to] = 1;
        }
        free(seen);
    }
}

static void a_permutation_depends_on_seed_and_key(void **state)
{
    (void)state;
    struct gen_permutation a = gen_permutation_of(1, 1, 100000), b = gen_permutation_of(2, 1, 100000),
                           c = gen_permutation_of(1, 2, 100000);
    int same_seed = 0, same_key = 0, fixed = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        same_key += gen_permute(&a, i) == gen_permute(&b, i);
        same_seed += gen_permute(&a, i) == gen_permute(&c, i);
        fixed += gen_permute(&a, i) == i;
    }
    assert_in_range(same_key, 0, 5);
    assert_in_range(same_seed, 0, 5);
    assert_in_range(fixed, 0, 5);
}

/* Fails unless the mean of 100 000 draws is within five standard errors. */
static void assert_mean(const char *law, double sum, double mean, double sd)
{
    double got = sum / 100000, tolerance = 5 * sd / 316;
    if (fabs(got - mean) > tolerance)
        fail_msg("%s: mean %.5f instead of %.5f +- %.5f", law, got, mean, tolerance);
}

static void the_laws_have_their_means(void **state)
{
    (void)state;
    struct gen_random random = gen_random_of(42, GEN_STREAM_USER, 1);
    double uniform = 0, normal = 0, square = 0, gumbel = 0, gamma = 0, few = 0, many = 0;
    for (int i = 0; i < 100000; i++) {
        double n = gen_normal(&random);
        uniform += gen_uniform(&random);
        normal += n;
        square += n * n;
        gumbel += gen_gumbel(&random);
        gamma += gen_gamma_mean1(&random, 6);
        few += gen_poisson(&random, 0.7);
        many += gen_poisson(&random, 75);
    }
    assert_mean("uniform", uniform, 0.5, 0.2887);
    assert_mean("normal", normal, 0, 1);
    assert_mean("square of the normal", square, 1, 1.4142);
    assert_mean("Gumbel", gumbel, 0.57722, 1.2825); /* Euler's constant, pi / sqrt 6 */
    assert_mean("Gamma(6)/6", gamma, 1, 0.4082);
    assert_mean("Poisson(0.7)", few, 0.7, 0.8367);
    assert_mean("Poisson(75)", many, 75, 8.66);
}

static double sum_of_logistics(const double *odds, int count, double factor)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += factor * odds[i] / (1 + factor * odds[i]);
    return sum;
}

static void the_intercept_solves_its_equation(void **state)
{
    (void)state;
    enum { MOST = 1000 };
    double odds[MOST];
    struct gen_random random = gen_random_of(42, GEN_STREAM_USER, 2);
    for (int trial = 0; trial < 2000; trial++) {
        int count = 1 + (int)(gen_uniform(&random) * (trial % 10 == 0 ? MOST : 20));
        for (int i = 0; i < count; i++)
            odds[i] = exp(2.5 * gen_normal(&random));
        double target = (trial % 3 == 0 ? 0.85 : gen_uniform(&random) * 0.85) * count;
        double got = sum_of_logistics(odds, count, gen_solve_intercept(odds, count, target));
        if (fabs(got - target) > 1e-9 * target)
            fail_msg("trial %d: %d products, target %.12g, got %.12g", trial, count, target, got);
    }
    assert_true(gen_solve_intercept(odds, 0, 1) == 0);
    assert_true(gen_solve_intercept(odds, 5, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_those_of_splitmix64),
        cmocka_unit_test(a_stream_starts_at_its_third_output),
        cmocka_unit_test(a_permutation_meets_every_number_once),
        cmocka_unit_test(a_permutation_depends_on_seed_and_key),
        cmocka_unit_test(the_laws_have_their_means),
        cmocka_unit_test(the_intercept_solves_its_equation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
