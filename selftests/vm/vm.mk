# SPDX-License-Identifier: GPL-2.0
# Include from the top: the lanes that boot a kernel, and the static checks.
check-6.1 check-6.12 check-uml check-debug: ## run the kselftests under that kernel
check-6.1 check-6.12 check-uml check-debug: check-%:
	@selftests/vm/run --kernel $* --timeout 3600 -- kselftest

check-runner: ## prove that the VM runner tells success from failure
	@selftests/vm/runner_test.sh

kernels: ## build or fetch every test kernel into the cache
	@for k in 6.1 6.12 uml debug; do selftests/vm/kernels/get $$k || exit 1; done

lint: ## static checks: SPDX, shellcheck, checkpatch, sparse
	@tools/lint

.PHONY: check-6.1 check-6.12 check-uml check-debug check-runner kernels lint
