# SPDX-License-Identifier: GPL-2.0
# The two that matter: make demo, make check.
KDIR ?= /lib/modules/$(shell uname -r)/build
B ?= $(CURDIR)/build
PREFIX ?= /usr/local
# What "make check" runs, in this order; see selftests/check.
CHECK_LANES ?= lint unit sim cli dissector packaging live runner 6.1 6.12

.DEFAULT_GOAL := help

help: ## list every target
	@awk -F ':.*## ' '/^[a-z0-9. -]+:.*## /{printf "%-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: ## the draft's Figure 2 in a VM, with daemons (SCENE=routes: by hand, BREAK=route|service|pod|instance breaks it)
	@selftests/demo/run

check: ## every test on Debian's 6.1 and 6.12 kernels
	@tools/deps check
	@$(MAKE) --no-print-directory tools ip
	@$(MAKE) --no-print-directory -C selftests install
	@selftests/check $(CHECK_LANES)

check-debug: ## the kselftests under KASAN, lockdep, PROVE_RCU, kmemleak
	@$(MAKE) --no-print-directory check CHECK_LANES=debug

check-uml: ## the kselftests under user-mode Linux: the daily loop
	@$(MAKE) --no-print-directory check CHECK_LANES=uml

check-fuzz: ## 10,000,000 mutated frames under KASAN in uml (FRAMES=, SEED=), 200,000 in the debug lane
	@$(MAKE) --no-print-directory tools
	@$(MAKE) --no-print-directory -C selftests install
	@selftests/fuzz

check-sim: ## 10,000 seeds of the simulated fabric, and 1,000 routers that start at once
	@tools/deps check
	@$(MAKE) --no-print-directory -C selftests/sim all
	@selftests/sim/many $(or $(SEEDS),10000) $(or $(STARTS),100)

check-rmi: ## RMI over bad links in full: 10,000 small and 1,000 large calls
	@tools/deps check
	@$(MAKE) --no-print-directory tools
	@selftests/install
	@selftests/vm/run --timeout 3000 -- env RMI_SMALL=10000 RMI_LARGE=1000 \
		RMI_RESTART=2000 RMI_CLIENTS=32 ./damc/rmi_loss.sh

fuzz: ## each decoder under libFuzzer, TIME seconds each (60)
	@tools/deps check
	@selftests/unit/fuzz $(or $(TIME),60)

bench: ## figures beside peers, in VMs; rows in build/bench.json
	@tools/deps check
	@$(MAKE) --no-print-directory tools
	@selftests/bench/run

module: ## kmod/damc.ko against KDIR (the running kernel's headers unless told)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

lib: ## libdamc, in build/lib
	@$(MAKE) --no-print-directory -C libdamc B=$(B)

tools: lib ## the damc command and the daemons, in build/bin
	@$(MAKE) --no-print-directory -C tools/damc B=$(B)
	@$(MAKE) --no-print-directory -C tools/control B=$(B)
	@$(MAKE) --no-print-directory -C tools/damc-spa B=$(B)
	@$(MAKE) --no-print-directory -C tools/damcd B=$(B)

ip: lib ## iproute2's ip with the damc object, in build/iproute2
	@tools/iproute2/build

lint: ## checkpatch --strict, sparse, shellcheck, SPDX: silent when clean
	@tools/deps check
	@tools/lint

generate: ## write what comes from the netlink spec
	@tools/ynl/generate

install: tools ## module, library, command and man pages, below DESTDIR and PREFIX
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates \
		DEPMOD=true modules_install
	@$(MAKE) --no-print-directory -C libdamc B=$(B) PREFIX=$(PREFIX) install
	@$(MAKE) --no-print-directory -C tools/damc B=$(B) PREFIX=$(PREFIX) install
	@$(MAKE) --no-print-directory -C tools/damc-spa B=$(B) PREFIX=$(PREFIX) install
	@$(MAKE) --no-print-directory -C tools/damcd B=$(B) PREFIX=$(PREFIX) install
	$(if $(DESTDIR),,depmod -a $$(modinfo -F vermagic kmod/damc.ko | cut -d" " -f1) && ldconfig)

clean: ## remove what was built; the cache of kernels and sources stays
	rm -rf $(B)
	rm -f kmod/*.o kmod/*.ko kmod/*.mod kmod/*.mod.c kmod/.*.cmd
	rm -f Module.symvers modules.order kmod/modules.order .*.cmd

.PHONY: help demo check check-debug check-uml check-fuzz check-sim check-rmi fuzz bench module lib tools ip lint
.PHONY: generate install clean
