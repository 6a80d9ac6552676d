# Two commands from a bare machine: `make demo` and `make test`. Everything else is for developers.
PYTHON ?= python3
NEWEST ?= $(lastword $(sort $(wildcard $(HOME)/.pyenv/versions/3.1[2-9]*/bin/python)))

.PHONY: demo test check campaign test-newest benchmark regenerate pictures clean

demo:            ## install into .venv, plan the demo county, print where the map, workbook and report are
	$(PYTHON) .ci/bootstrap.py demo

test:            ## every test that needs no network
	$(PYTHON) .ci/bootstrap.py test

check:           ## architecture contracts and lint
	$(PYTHON) .ci/bootstrap.py check

campaign:        ## long campaigns: hundreds of brute-forced counties, 20 demo seeds, whole configs
	$(PYTHON) .ci/bootstrap.py campaign

test-newest:     ## the default tests on the newest Python installed (NEWEST=/path/to/python)
	FACILITYPLAN_VENV=.venv-newest $(NEWEST) .ci/bootstrap.py test

benchmark:       ## sizes x phases of the model, and travel times against their peers
	$(PYTHON) .ci/bootstrap.py benchmark

regenerate:      ## the demo counties that ship, byte for byte
	$(PYTHON) .ci/bootstrap.py regenerate

pictures:        ## the pictures kept in maps/: the map in both languages, and all pages on one contact sheet
	$(PYTHON) .ci/bootstrap.py pictures

clean:
	rm -rf .venv .venv-newest build *.egg-info
