// SPDX-License-Identifier: GPL-2.0
/*
 * Loading this measures and fails: it fills a name FIB (the module's own name.c,
 * table.c and fib.c, built in) and the BPF LPM trie that the parameter map names
 * with the same prefixes, looks 1,000 destinations up in both, and logs what a
 * lookup took in ns.
 */
#include <linux/bpf.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/vmalloc.h>

#include "fib.h"
#include "names.h"

#define ROUNDS 20

struct damc_target {
	unsigned int number;
};

/* What the BPF trie takes; as large as any. */
struct bench_key {
	u32 bits;
	u8 data[BENCH_NAME_ROOM];
};

static int map = -1;
static unsigned int routes = 100000, size = 25;

module_param(map, int, 0);
module_param(routes, uint, 0);
module_param(size, uint, 0);

static DEFINE_MUTEX(lock);
static struct damc_fib fib;
static struct damc_target target;
static struct bench_key keys[BENCH_DESTINATIONS];

static int insert(struct bpf_map *trie, unsigned int i)
{
	struct damc_name name;
	struct bench_key key = { 0 };
	char text[BENCH_NAME_ROOM];
	int err;

	bench_route(text, size, i);
	name.wire = key.data;
	name.len = bench_wire(key.data, text);
	key.bits = name.len * 8;
	rcu_read_lock();
	err = trie->ops->map_update_elem(trie, &key, &i, BPF_ANY);
	rcu_read_unlock();
	if (err)
		return err;
	mutex_lock(&lock);
	err = damc_fib_insert(&fib, &name, 0, &target);
	mutex_unlock(&lock);
	if (!(i % 1024))
		cond_resched();
	return err;
}

static void draw(void)
{
	char text[BENCH_NAME_ROOM];
	unsigned int k;

	for (k = 0; k < BENCH_DESTINATIONS; k++) {
		bench_destination(text, size, bench_pick(k, routes));
		keys[k].bits = bench_wire(keys[k].data, text) * 8;
	}
}

static u64 time_fib(void)
{
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < ROUNDS * BENCH_DESTINATIONS; i++) {
		struct damc_name name = {
			.wire = keys[i % BENCH_DESTINATIONS].data, .len = size,
		};

		rcu_read_lock();
		if (!damc_fib_lookup(&fib, &name))
			pr_err("bench: a name not found\n");
		rcu_read_unlock();
	}
	return ktime_get_ns() - start;
}

static u64 time_trie(struct bpf_map *trie)
{
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < ROUNDS * BENCH_DESTINATIONS; i++) {
		unsigned int k = i % BENCH_DESTINATIONS;
		u32 *value;

		rcu_read_lock();
		value = trie->ops->map_lookup_elem(trie, &keys[k]);
		if (!value || *value != bench_pick(k, routes))
			pr_err("bench: a key not found\n");
		rcu_read_unlock();
	}
	return ktime_get_ns() - start;
}

static int measure(struct bpf_map *trie)
{
	unsigned int i;
	int err;

	for (i = 0; i < routes; i++) {
		err = insert(trie, i);
		if (err)
			return err;
	}
	draw();
	for (i = 0; i < 4; i++)
		pr_info("bench: fib%u %llu trie%u %llu\n", size,
			time_fib() / (ROUNDS * BENCH_DESTINATIONS), size,
			time_trie(trie) / (ROUNDS * BENCH_DESTINATIONS));
	return 0;
}

static void empty(void)
{
	struct damc_fib_entry *entry, *next;

	mutex_lock(&lock);
	for (entry = damc_fib_first(&fib); entry; entry = next) {
		next = damc_fib_after(&fib, entry->node.hash);
		damc_fib_remove(&fib, entry);
	}
	mutex_unlock(&lock);
	damc_fib_free(&fib);
}

static int __init bench_init(void)
{
	struct bpf_map *trie = bpf_map_get(map);
	siphash_key_t key = { { 1, 2 } };
	int err;

	if (IS_ERR(trie))
		return PTR_ERR(trie);
	damc_fib_init(&fib, &lock, &key);
	err = measure(trie);
	if (err)
		pr_err("bench: %d\n", err);
	empty();
	bpf_map_put(trie);
	return err ?: -ECANCELED;
}
module_init(bench_init);

MODULE_DESCRIPTION("DAMC bench: name FIB beside the BPF LPM trie");
MODULE_LICENSE("GPL");
