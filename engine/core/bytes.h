/* Little-endian bytes, written and read at a moving place. Both sides remember a failure instead of reporting each:
 * put or take as many fields as you like, then look at `failed` once. Compilers turn the loops into plain moves. */
#ifndef FIG_CORE_BYTES_H
#define FIG_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct writer {
    uint8_t *at;
    uint8_t *end;
    bool failed; /* something did not fit; nothing is written from then on */
};

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed; /* the bytes ended too early; zeros are read from then on */
};

static inline void put_uint(struct writer *writer, uint64_t value, size_t size)
{
    if (writer->failed || (size_t)(writer->end - writer->at) < size) {
        writer->failed = true;
        return;
    }
    for (size_t i = 0; i < size; i++) writer->at[i] = (uint8_t)(value >> (8 * i));
    writer->at += size;
}

static inline void put_u8(struct writer *writer, uint8_t value) { put_uint(writer, value, 1); }
static inline void put_u32(struct writer *writer, uint32_t value) { put_uint(writer, value, 4); }
static inline void put_u64(struct writer *writer, uint64_t value) { put_uint(writer, value, 8); }
static inline void put_i64(struct writer *writer, int64_t value) { put_uint(writer, (uint64_t)value, 8); }

/* Big-endian, for keys whose order is memcmp's. */
static inline void put_u64_ordered(struct writer *writer, uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8) put_u8(writer, (uint8_t)(value >> shift));
}

static inline void put_u16(struct writer *writer, uint16_t value) { put_uint(writer, value, 2); }

static inline void put_u16_ordered(struct writer *writer, uint16_t value)
{
    put_u8(writer, (uint8_t)(value >> 8));
    put_u8(writer, (uint8_t)value);
}

static inline void put_u32_ordered(struct writer *writer, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) put_u8(writer, (uint8_t)(value >> shift));
}

static inline void put_i32_ordered(struct writer *writer, int32_t value)
{
    put_u32_ordered(writer, (uint32_t)value ^ (UINT32_C(1) << 31));
}

/* Instants before 1970 come first too: the sign is turned over. */
static inline void put_i64_ordered(struct writer *writer, int64_t value)
{
    put_u64_ordered(writer, (uint64_t)value ^ (UINT64_C(1) << 63));
}

static inline void put_bytes(struct writer *writer, const void *bytes, size_t size)
{
    if (writer->failed || (size_t)(writer->end - writer->at) < size) {
        writer->failed = true;
        return;
    }
    if (size > 0) memcpy(writer->at, bytes, size);
    writer->at += size;
}

static inline uint64_t take_uint(struct reader *reader, size_t size)
{
    if (reader->failed || (size_t)(reader->end - reader->at) < size) {
        reader->failed = true;
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value |= (uint64_t)reader->at[i] << (8 * i);
    reader->at += size;
    return value;
}

static inline uint8_t take_u8(struct reader *reader) { return (uint8_t)take_uint(reader, 1); }
/* A flag that is neither 0 nor 1 makes the reader fail, as bytes that end too early do. */
static inline bool take_flag(struct reader *reader)
{
    uint8_t flag = take_u8(reader);
    if (flag > 1) reader->failed = true;
    return flag == 1;
}

static inline uint32_t take_u32(struct reader *reader) { return (uint32_t)take_uint(reader, 4); }
static inline uint64_t take_u64(struct reader *reader) { return take_uint(reader, 8); }
static inline int64_t take_i64(struct reader *reader) { return (int64_t)take_uint(reader, 8); }

static inline uint64_t take_u64_ordered(struct reader *reader)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | take_u8(reader);
    return value;
}

static inline uint16_t take_u16(struct reader *reader) { return (uint16_t)take_uint(reader, 2); }

static inline uint16_t take_u16_ordered(struct reader *reader)
{
    uint16_t high = take_u8(reader);
    return (uint16_t)(high << 8 | take_u8(reader));
}

static inline uint32_t take_u32_ordered(struct reader *reader)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) value = value << 8 | take_u8(reader);
    return value;
}

static inline int32_t take_i32_ordered(struct reader *reader)
{
    return (int32_t)(take_u32_ordered(reader) ^ (UINT32_C(1) << 31));
}

static inline int64_t take_i64_ordered(struct reader *reader)
{
    return (int64_t)(take_u64_ordered(reader) ^ (UINT64_C(1) << 63));
}

/* A run of bytes in place; NULL when there are not as many. */
static inline const void *take_bytes(struct reader *reader, size_t size)
{
    if (reader->failed || (size_t)(reader->end - reader->at) < size) {
        reader->failed = true;
        return NULL;
    }
    const void *bytes = reader->at;
    reader->at += size;
    return bytes;
}

#endif
