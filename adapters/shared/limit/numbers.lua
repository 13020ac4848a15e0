-- Decides on counts, all or nothing: what `owner::decide` of router-core does, step by step and with the same numbers. Tests of the native adapter
-- hold both against each other.
--
-- The files beside this one are parts of the same script, in the order that `adapters/shared/scripts.rs` names.
--
-- KEYS: the counts. ARGV[1]: now, in milliseconds since 1970; 0 for the server's clock. Behind it 14 numbers for each key (`Ask::numbers`).
-- Answers 8 numbers for each key (`Said::numbers`). A state is kept as `State::write` writes it, until it counts for nothing.
--
-- Numbers are doubles here. Whole ones up to 2^53 are exact, and so are `floor(a / b)` and `ceil(a / b)` of them: a quotient that is no whole number
-- is at least 1 / b away from one, which is more than a rounding moves it. A sum or product of two numbers that lies beyond 2^53 is rounded, but
-- stays beyond it: where one can occur ("may be beyond"), it is only compared with what is smaller, or cut to LARGEST, and both come out right.

local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
local LARGEST = 9007199254740991
-- As many units of a sliding log, and so entries, as there may be.
local LARGEST_LISTED = 4096
-- More numbers than these are in no state.
local MOST_NUMBERS = 2 * LARGEST_LISTED + 32
-- Slots of one key that are given in a millisecond.
local SLOTS_A_MS = 1024
-- So many ends of leases, and so many parts of a lease's time.
local MOST_LEASES, LEASE_PARTS = 8, 4

-- What is left of `a` without `b`, at least nothing.
local function without(a, b)
  return a > b and a - b or 0
end
