-- `algorithm/sliding_log.rs`.
--
-- Its state is a list: a moment, units, the next moment, its units, and so on.
local log = { kind = 5 }

function log.rule(a, b)
  return { quota = a, length = b, scale = 0 }
end

function log.none()
  return {}
end

function log.latest(taken)
  return taken[#taken - 1] or 0
end

-- Where what is live begins, and the moment, which is never before the last one that was seen.
local function live(rule, taken, now)
  now = max(now, log.latest(taken))
  local first = 1
  -- May be beyond, and is then later than any moment.
  while taken[first] and taken[first] + rule.length <= now do
    first = first + 2
  end
  return first, now
end

local function used_from(taken, first)
  local used = 0
  for index = first + 1, #taken, 2 do
    -- May be beyond only in a state that was not written here, and is then more than any quota.
    used = used + taken[index]
  end
  return used
end

-- When what was taken at a moment is no longer live. In this order, because the moment and the length together may be beyond.
local function until_free(rule, at, now)
  return max(at - now + rule.length, 1)
end

function log.wait_for(rule, taken, units, now)
  if units > rule.quota then
    return nil
  end
  local room = rule.quota - units
  -- The youngest that there is no room for beside those after it: when it is no longer live, what is left fits.
  local later = 0
  for index = #taken - 1, live(rule, taken, now), -2 do
    later = later + taken[index + 1]
    if later > room then
      return until_free(rule, taken[index], now)
    end
  end
  return 0
end

function log.take(rule, taken, units, now)
  local first, moment = live(rule, taken, now)
  local kept = {}
  for index = first, #taken do
    kept[index - first + 1] = taken[index]
  end
  units = min(units, without(LARGEST, used_from(kept, 1)))
  if #kept > 0 and kept[#kept - 1] == moment then
    kept[#kept] = kept[#kept] + units
  elseif units > 0 then
    kept[#kept + 1] = moment
    kept[#kept + 1] = units
  end
  -- Too many entries: the oldest go together, as if they were younger.
  local extra = #kept - 2 * LARGEST_LISTED
  if extra > 0 then
    local together = {}
    local units_before = 0
    for index = 1, extra, 2 do
      units_before = units_before + kept[index + 1]
    end
    for index = extra + 1, #kept do
      together[#together + 1] = kept[index]
    end
    together[2] = together[2] + units_before
    return together
  end
  return kept
end

function log.give_back(rule, taken, units, taken_ms, now)
  local kept = {}
  local found = false
  for index = live(rule, taken, now), #taken, 2 do
    local left = taken[index + 1]
    if not found and taken[index] == taken_ms then
      found = true
      left = without(left, units)
    end
    if left > 0 then
      kept[#kept + 1] = taken[index]
      kept[#kept + 1] = left
    end
  end
  return kept
end

function log.remaining(rule, taken, now)
  return without(rule.quota, used_from(taken, live(rule, taken, now)))
end

function log.full_ms(rule, taken, now)
  local first = live(rule, taken, now)
  return first > #taken and 0 or until_free(rule, taken[#taken - 1], now)
end

function log.write(_, taken)
  return taken
end

function log.read(_, _, numbers, from, to)
  local taken = {}
  for index = from, to - 1, 2 do
    taken[index - from + 1] = numbers[index]
    taken[index - from + 2] = numbers[index + 1]
  end
  return taken
end
