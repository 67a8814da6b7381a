/* Randomness of the data generator: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
 * 2014) with one stream per entity, the few laws that the planted model draws from, and a keyed permutation for
 * published ids. Inline, since a full-size run makes some hundred million draws. Pure functions of the stream; any
 * thread. The order of draws is part of the data format: see gen_user.c and gen_catalog.c. */
#ifndef WEIR_PIPELINE_GEN_RANDOM_H
#define WEIR_PIPELINE_GEN_RANDOM_H
#include <math.h>
#include <stdint.h>

struct gen_random {
    uint64_t state;
};

/* What a stream belongs to; the numbers are part of the data format. */
enum gen_stream { GEN_STREAM_PRODUCT = 1, GEN_STREAM_USER = 2, GEN_STREAM_SPLIT = 3, GEN_STREAM_IDS = 4 };

/* SplitMix64's finaliser: a bijection of 64 bits. */
static inline uint64_t gen_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline uint64_t gen_next(struct gen_random *random)
{
    random->state += 0x9E3779B97F4A7C15u;
    return gen_mix(random->state);
}

/* The stream of entity i; two outputs are discarded, since neighbouring seeds start close together. */
static inline struct gen_random gen_random_of(uint64_t seed, enum gen_stream stream, uint64_t i)
{
    struct gen_random random = {seed * 0xD1342543DE82EF95u + (uint64_t)stream * 0xA24BAED4963EE407u +
                                i * 0x9FB21C651E98DF25u};
    gen_next(&random);
    gen_next(&random);
    return random;
}

/* Uniform in (0,1), never an end. */
static inline double gen_uniform(struct gen_random *random)
{
    return ((double)(gen_next(random) >> 11) + 0.5) * 0x1p-53;
}

/* Standard normal by Box and Muller, cosine half only; the radius is drawn first. */
static inline double gen_normal(struct gen_random *random)
{
    double radius = sqrt(-2.0 * log(gen_uniform(random)));
    return radius * cos(6.283185307179586 * gen_uniform(random));
}

/* Standard Gumbel. */
static inline double gen_gumbel(struct gen_random *random)
{
    return -log(-log(gen_uniform(random)));
}

/* Gamma(shape)/shape for a whole shape: mean 1. */
static inline double gen_gamma_mean1(struct gen_random *random, int shape)
{
    double sum = 0;
    for (int i = 0; i < shape; i++)
        sum -= log(gen_uniform(random));
    return sum / shape;
}

/* How many uniforms can be multiplied before the product falls to exp(-lambda) (Knuth, TAOCP 3.4.1). */
static inline int gen_poisson_knuth(struct gen_random *random, double lambda)
{
    double limit = exp(-lambda), product = gen_uniform(random);
    int count = 0;
    for (; product > limit; count++)
        product *= gen_uniform(random);
    return count;
}

/* Poisson; lambda is split in thirties so that exp(-lambda) keeps its precision. */
static inline int gen_poisson(struct gen_random *random, double lambda)
{
    int count = 0;
    for (; lambda > 30.0; lambda -= 30.0)
        count += gen_poisson_knuth(random, 30.0);
    return count + gen_poisson_knuth(random, lambda);
}

/* First i with cumulative[i] >= x; the last when there is none. Linear: the tables are short. */
static inline int gen_pick(const double *cumulative, int count, double x)
{
    int i = 0;
    while (i < count - 1 && cumulative[i] < x)
        i++;
    return i;
}

/* A keyed permutation of 0..size-1: four Feistel rounds on the next even number of bits, walked until it falls inside
 * (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002). It hides order; it is no cipher. */
struct gen_permutation {
    uint64_t size;
    uint64_t mask; /* of one half */
    int half_bits;
    uint64_t keys[4];
};

/* size 1..2^62; key tells permutations of one seed apart. */
static inline struct gen_permutation gen_permutation_of(uint64_t seed, uint64_t key, uint64_t size)
{
    struct gen_permutation permutation = {.size = size, .half_bits = 1};
    while ((uint64_t)1 << (2 * permutation.half_bits) < size)
        permutation.half_bits++;
    permutation.mask = ((uint64_t)1 << permutation.half_bits) - 1;
    struct gen_random random = gen_random_of(seed, GEN_STREAM_IDS, key);
    for (int round = 0; round < 4; round++)
        permutation.keys[round] = gen_next(&random);
    return permutation;
}

static inline uint64_t gen_permute(const struct gen_permutation *permutation, uint64_t i)
{
    do {
        uint64_t left = i >> permutation->half_bits, right = i & permutation->mask;
        for (int round = 0; round < 4; round++) {
            uint64_t next = left ^ (gen_mix(right + permutation->keys[round]) & permutation->mask);
            left = right;
            right = next;
        }
        i = left << permutation->half_bits | right;
    } while (i >= permutation->size);
    return i;
}
#endif
