/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long it took from something happening to its being in the kernel's table:
 * the last CONVERGE_RECORDS times, for `damc convergence show`.
 */
#ifndef DAMCD_CONVERGE_H
#define DAMCD_CONVERGE_H

#include <stdbool.h>
#include <stdint.h>

#define CONVERGE_RECORDS 64

/* What began it: a neighbour, or an SPA, told of something. */
#define CONVERGE_OBJECT "object"

/**
 * struct converge_record - one time; us since @at_us, UINT32_MAX: not (yet)
 * @what: what began it, @words: more about it
 * @wall_ms: when
 * @more: what else happened before it was done
 * @flood_us: the first packet about it left
 * @spf_us: ways were computed
 * @fib_us: the kernel confirmed the last change
 * @changes: in the table
 */
struct converge_record {
	char what[24];
	char words[104];
	uint64_t at_us;
	uint64_t wall_ms;
	uint32_t more;
	uint32_t flood_us;
	uint32_t spf_us;
	uint32_t fib_us;
	uint32_t changes;
};

/**
 * struct converge - the records, oldest overwritten
 * @n: ever begun
 * @open: the last one still waits for the table
 */
struct converge {
	struct converge_record record[CONVERGE_RECORDS];
	uint64_t n;
	bool open;
};

/* Whether a record is open, which what happens now would join. */
bool converge_waits(struct converge *converge, uint64_t now_us);
/* Something happened: begins a record, or joins the one that is open. */
void converge_begin(struct converge *converge, const char *what,
		    const char *words, uint64_t at_us, uint64_t wall_ms);
void converge_flooded(struct converge *converge, uint64_t now_us);
void converge_computed(struct converge *converge, uint64_t now_us);
/* @words: what changed first, for a record that had none. */
void converge_done(struct converge *converge, const char *words,
		   uint32_t changes, uint64_t now_us);

#endif /* DAMCD_CONVERGE_H */
