/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registration core's hands: questions to SPAs, bindings in the kernel,
 * announcements by the node; and its timer.
 */
#ifndef DAMCD_REGISTRAR_H
#define DAMCD_REGISTRAR_H

#include "daemon.h"
#include "proof.h"

struct registrar *registrar_new(struct daemon *daemon);
/* What is registered stays in the kernel. */
void registrar_free(struct registrar *registrar);

/* The core; after each call of it that may change when it is due, arm. */
struct dc_reg *registrar_reg(struct registrar *registrar);
void registrar_arm(struct registrar *registrar);

/* Whether each name of before this process was announced again, or refused. */
bool registrar_settled(const struct registrar *registrar);

/* What the configuration says of it has changed. */
void registrar_configure(struct registrar *registrar);

/* Whether this node drains has changed: instances' weights follow from it. */
void registrar_announce_again(struct registrar *registrar);

/* What holders of keys are offered to sign. */
struct dc_proof *registrar_proof(struct registrar *registrar);

/*
 * Whether the binding in @want->proof is signed and good for this: then it has a key,
 * and the binding's epoch. It is good once.
 */
enum dc_proof_code registrar_prove(struct registrar *registrar,
				   struct dc_reg_want *want);

/* Something was revoked, or bound elsewhere: see, soon, that nothing stands on it. */
void registrar_review(struct registrar *registrar);

/* An edge as it is now. */
struct registrar_edge {
	struct registrar *registrar;
	uint32_t ifindex;
	const struct damc_name *pod;
};

/*
 * Its interface is there: it becomes an edge, and what is bound to it since
 * before this process is registered. 0 or a negative errno, which is logged.
 */
int registrar_edge_up(const struct registrar_edge *edge);
/* Its interface is gone, and with it what was bound to it. */
void registrar_edge_gone(const struct registrar_edge *edge);
/* It is configured no more: names end, and the kernel is told, for it has them. */
void registrar_edge_closed(const struct registrar_edge *edge);

#endif /* DAMCD_REGISTRAR_H */
