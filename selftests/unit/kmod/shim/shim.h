/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few kernel interfaces that the module's pure files use, for user space:
 * one thread, so that RCU is plain loads and stores, and what is freed after a
 * grace period is freed at once, for the sanitizer to see any use of it.
 */
#ifndef SHIM_H
#define SHIM_H

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define U8_MAX UINT8_MAX
#define U16_MAX UINT16_MAX
#define U64_MAX UINT64_MAX

#define __rcu
#define __percpu
#define __aligned(n) __attribute__((aligned(n)))
#define noinline __attribute__((__noinline__))
#define prefetch(address) __builtin_prefetch(address)
#define __ffs64(x) __builtin_ctzll(x)
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, v) ((x) = (v))
#define ALIGN(x, a) (((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define BIT_ULL(n) (1ULL << (n))
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define fls64(x) ((x) ? 64 - __builtin_clzll(x) : 0)
#define hweight64(x) ((unsigned int)__builtin_popcountll(x))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define struct_size(p, member, n) \
	(offsetof(__typeof__(*(p)), member) + (n) * sizeof(*(p)->member))

#define be16_to_cpu be16toh
#define be32_to_cpu be32toh
#define le32_to_cpu le32toh
#define le64_to_cpu le64toh
#define le64_to_cpus(p) (*(p) = le64toh(*(p)))
#define cpu_to_be16 htobe16
#define cpu_to_be32 htobe32
#define be64_to_cpu be64toh
#define cpu_to_be64 htobe64
#define cpu_to_le64 htole64

typedef struct {
	int64_t counter;
} atomic64_t;

#define atomic64_set(v, i) ((v)->counter = (i))
#define atomic64_read_acquire(v) ((v)->counter)
#define atomic64_inc_return_release(v) (++(v)->counter)

struct mutex {
	int unused;
};

struct rcu_head {
	int unused;
};

#define lockdep_is_held(lock) ((void)(lock), 1)
#define rcu_dereference_protected(p, c) ((void)(c), (p))
#define rcu_dereference_check(p, c) ((void)(c), (p))
#define rcu_assign_pointer(p, v) ((p) = (v))
#define RCU_INIT_POINTER(p, v) ((p) = (v))

#define GFP_KERNEL_ACCOUNT 0

/* Allocations to succeed before one fails; negative: none fails. */
extern int shim_alloc_budget;
/* Allocations that are not freed yet. */
extern long shim_allocated;

void *shim_alloc(size_t size);
void shim_free(const void *p);

#define kmalloc(size, gfp) shim_alloc(size)
#define kvzalloc(size, gfp) shim_alloc(size)
#define kfree(p) shim_free(p)
#define kvfree(p) shim_free(p)
#define kvfree_rcu_mightsleep(p) shim_free(p)

typedef struct {
	u64 key[2];
} siphash_key_t;

#define SIPHASH_CONST_0 0x736f6d6570736575ULL
#define SIPHASH_CONST_1 0x646f72616e646f6dULL
#define SIPHASH_CONST_2 0x6c7967656e657261ULL
#define SIPHASH_CONST_3 0x7465646279746573ULL

static inline u64 shim_rol64(u64 x, int n)
{
	return x << n | x >> (64 - n);
}

/* SipHash's round (Aumasson and Bernstein, 2012). */
#define SIPHASH_PERMUTATION(a, b, c, d) do {				\
	(a) += (b); (b) = shim_rol64(b, 13); (b) ^= (a);		\
	(a) = shim_rol64(a, 32);					\
	(c) += (d); (d) = shim_rol64(d, 16); (d) ^= (c);		\
	(a) += (d); (d) = shim_rol64(d, 21); (d) ^= (a);		\
	(c) += (b); (b) = shim_rol64(b, 17); (b) ^= (c);		\
	(c) = shim_rol64(c, 32);					\
} while (0)

/* SipHash-2-4 of @len bytes. */
u64 siphash(const void *data, size_t len, const siphash_key_t *key);
u64 siphash_1u64(u64 first, const siphash_key_t *key);

#endif /* SHIM_H */
