// SPDX-License-Identifier: GPL-2.0
/* What is said to a pod whichever way it asks. */
#include "class1_json.h"

const struct class1_problem class1_no_interface = {
	503, "no-interface", "The pod's interface is not there yet.",
	"Try again once the pod's network is up.",
};

const struct class1_problem class1_no_memory = {
	503, "no-memory", "The gateway has no memory for that.",
	"Try again later.",
};

const struct class1_problem class1_not_registered = {
	404, "not-registered", "This pod has not registered this name.",
	"It was never registered here, was withdrawn, or its lease or connection ended: register it.",
};

const struct class1_problem class1_not_yours = {
	403, "not-yours", "Another pod has registered this name.",
	"Only the pod that registered a name renews or withdraws it.",
};

const struct class1_problem class1_recalled_problem = {
	409, "rules-changed", "Which names this pod may call has changed.",
	"Watch again: what there is now is told first.",
};

const struct class1_problem class1_too_many = {
	413, "too-many", "More than 10000 names in one request.",
	"Renew them in several requests.",
};

const struct class1_problem class1_too_many_connections = {
	503, "too-many-connections",
	"This pod has 10240 connections open already.",
	"Close those that hold no name, or use one for many names.",
};

const struct class1_problem class1_too_many_watches = {
	503, "too-many-watches", "This pod watches 64 times already.",
	"Share one watch among the pod's processes.",
};

const struct class1_problem class1_too_often = {
	429, "too-often", "All names of the fabric were asked for just now.",
	"Ask once a second at most, or watch.",
};
