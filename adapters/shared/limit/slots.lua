-- `algorithm/concurrency.rs`.
--
-- Its state is the number that was given last and a list: a number, its end, and so on.
local slots = { kind = 6 }

function slots.rule(a, b)
  return { slots = a, hold = b, scale = 0 }
end

function slots.none()
  return { last = 0, held = {} }
end

function slots.latest()
  return 0
end

function slots.wait_for()
  return nil
end

function slots.take(_, state)
  return state
end

function slots.give_back(_, state)
  return state
end

-- Those that are held, but for one.
local function held_at(state, now, but)
  local held = {}
  for index = 1, #state.held, 2 do
    if state.held[index + 1] > now and state.held[index] ~= but then
      held[#held + 1] = state.held[index]
      held[#held + 1] = state.held[index + 1]
    end
  end
  return held
end

function slots.standing(rule, state, now)
  local ends = {}
  for index = 2, #state.held, 2 do
    local left = without(state.held[index], now)
    if left > 0 then
      ends[#ends + 1] = left
    end
  end
  table.sort(ends)
  -- Where slots became fewer there may be too many of them, and the first that end give no room.
  return without(rule.slots, #ends), ends[without(#ends, rule.slots) + 1] or 0, ends[#ends] or 0
end

function slots.remaining(rule, state, now)
  return (slots.standing(rule, state, now))
end

-- Takes a slot if one is free: its number, or `nil` and when one comes back.
function slots.acquire(rule, state, now)
  local remaining, next_ms = slots.standing(rule, state, now)
  if remaining == 0 then
    return state, nil, next_ms
  end
  local held = held_at(state, now)
  -- May be beyond, and is then cut.
  local last = min(max(state.last + 1, now * SLOTS_A_MS), LARGEST)
  held[#held + 1] = last
  held[#held + 1] = min(now + rule.hold, LARGEST)
  return { last = last, held = held }, last
end

function slots.release(state, slot, now)
  return { last = state.last, held = held_at(state, now, slot) }
end

function slots.write(_, state)
  local numbers = { state.last }
  for index = 1, #state.held do
    numbers[index + 1] = state.held[index]
  end
  return numbers
end

function slots.read(_, _, numbers, from, to)
  if from > to then
    return nil
  end
  return { last = numbers[from], held = log.read(nil, nil, numbers, from + 1, to) }
end
