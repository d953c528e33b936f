# Every target is a task of make.py, which works without make too: python make.py --help
TASKS = run test hostile kills audit lab site bench lint lock clean
.PHONY: help $(TASKS)
.NOTPARALLEL:
help:
	@python3 make.py --help
$(TASKS):
	@python3 make.py $@
