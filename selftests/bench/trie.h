/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The algorithm of the kernel's BPF LPM trie (kernel/bpf/lpm_trie.c of 6.1: a
 * binary trie with path compression, prefixes compared 8 then 4 bytes at a
 * time) written again for user space. Keys are whole words, zeros at the end.
 */
#ifndef BENCH_TRIE_H
#define BENCH_TRIE_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct trie_node {
	struct trie_node *child[2];
	uint32_t bits;
	uint32_t real;
	uint8_t data[];
};

/* @size: bytes of a key, a multiple of 4. */
struct trie {
	struct trie_node *root;
	uint32_t size;
};

static inline unsigned int trie_bit(const uint8_t *data, uint32_t bit)
{
	return data[bit / 8] >> (7 - bit % 8) & 1;
}

/* How many bits of a node's prefix and of a key's are the same. */
static inline uint32_t trie_match(const struct trie *trie, const struct trie_node *node,
				  const uint8_t *key, uint32_t bits)
{
	uint32_t limit = node->bits < bits ? node->bits : bits, same = 0, i;
	uint64_t a8, b8;

	memcpy(&a8, node->data, 8);
	memcpy(&b8, key, 8);
	if (a8 != b8) {
		same = __builtin_clzll(be64toh(a8 ^ b8));
		return same < limit ? same : limit;
	}
	same = 64;
	for (i = 8; same < limit && i < trie->size; i += 4) {
		uint32_t a, b;

		memcpy(&a, node->data + i, 4);
		memcpy(&b, key + i, 4);
		if (a != b) {
			same += __builtin_clz(be32toh(a ^ b));
			break;
		}
		same += 32;
	}
	return same < limit ? same : limit;
}

/* The value of the longest prefix, right after its data; NULL if none. */
static __attribute__((__noinline__)) const void *trie_lookup(const struct trie *trie,
							 const uint8_t *key, uint32_t bits)
{
	const struct trie_node *node = trie->root, *found = NULL;

	while (node) {
		uint32_t same = trie_match(trie, node, key, bits);

		if (same == trie->size * 8)
			return node->data + trie->size;
		if (same < node->bits)
			break;
		if (node->real)
			found = node;
		node = node->child[trie_bit(key, node->bits)];
	}
	return found ? found->data + trie->size : NULL;
}

static inline struct trie_node *trie_node(const struct trie *trie, const uint8_t *key,
					  uint32_t bits, uint32_t real, uint32_t value)
{
	struct trie_node *node = malloc(sizeof(*node) + trie->size + 4);

	if (!node)
		abort();
	node->child[0] = NULL;
	node->child[1] = NULL;
	node->bits = bits;
	node->real = real;
	memcpy(node->data, key, trie->size);
	memcpy(node->data + trie->size, &value, 4);
	return node;
}

/* Prefixes are each inserted once, and none is the beginning of another. */
static inline void trie_insert(struct trie *trie, const uint8_t *key, uint32_t bits,
			       uint32_t value)
{
	struct trie_node **slot = &trie->root, *node, *fork;
	uint32_t same = 0;

	while ((node = *slot)) {
		same = trie_match(trie, node, key, bits);
		if (same < node->bits)
			break;
		slot = &node->child[trie_bit(key, node->bits)];
	}
	if (!node) {
		*slot = trie_node(trie, key, bits, 1, value);
		return;
	}
	fork = trie_node(trie, key, same, 0, 0);
	fork->child[trie_bit(key, same)] = trie_node(trie, key, bits, 1, value);
	fork->child[trie_bit(node->data, same)] = node;
	*slot = fork;
}

#endif /* BENCH_TRIE_H */
