/* SPDX-License-Identifier: GPL-2.0 */
/* A problem as gRPC tells it: a number, and text for a header field. */
#ifndef DAMCD_GRPC_STATUS_H
#define DAMCD_GRPC_STATUS_H

#include "class1_json.h"

/* Message and hint, each byte as %XX at worst. */
#define GRPC_STATUS_TEXT_MAX 2048

/* The number, as decimal text. */
const char *grpc_status_code(const struct class1_problem *problem);
/* What is wrong and what to do, percent-encoded as grpc-message is. */
size_t grpc_status_text(char text[GRPC_STATUS_TEXT_MAX],
			const struct class1_problem *problem);

#endif /* DAMCD_GRPC_STATUS_H */
