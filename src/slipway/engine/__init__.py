"""One execution: a pure state machine, and a driver that turns its decisions into API calls.

- `plan`: which step waits for which, and for what end of it
- `events`, `state`: what happened, and the state that follows from it (`apply`, `replay`)
- `decisions`: what is to be done in a state (`decide`)
- `retries`, `cache`, `selection`, `names`: the rules of one subject each; pure
- `attempt`, `starting`, `steps/`: one attempt at a step, and what each type of step does
- `driver`, `clock`: the threads; `store`, `connect`: what they need of a database and of boto3
"""
