# Aliases for fingers that type make; ./run does the work.
.PHONY: run test lock
run:
	./run
test:
	./run test
lock:
	./run lock
