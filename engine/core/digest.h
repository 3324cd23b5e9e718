/* Checksums and the digest of a state.
 *
 * The digest of a state is the sum, modulo 2^128, of the XXH3-128 of each of its records (table, key and value), so
 * that a change costs one subtraction and one addition, and the order of changes does not matter. */
#ifndef FIG_CORE_DIGEST_H
#define FIG_CORE_DIGEST_H

#define XXH_INLINE_ALL
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

struct digest {
    uint64_t low;
    uint64_t high;
};

static inline struct digest digest_of(const void *bytes, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, size);
    return (struct digest){hash.low64, hash.high64};
}

static inline uint64_t checksum_of(const void *bytes, size_t size) { return XXH3_64bits(bytes, size); }

static inline uint64_t hash_seeded(const void *bytes, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, size, seed);
}

static inline void digest_add(struct digest *sum, struct digest part)
{
    sum->low += part.low;
    sum->high += part.high + (sum->low < part.low);
}

static inline void digest_subtract(struct digest *sum, struct digest part)
{
    uint64_t borrow = sum->low < part.low;
    sum->low -= part.low;
    sum->high -= part.high + borrow;
}

static inline int digest_equal(struct digest a, struct digest b) { return a.low == b.low && a.high == b.high; }

#endif
