-- `algorithm/fixed_window.rs` and `algorithm/sliding_window.rs`.

local fixed = { kind = 3 }

function fixed.rule(a, b, c, d, e)
  return { quota = a, bounds = { b, c, d, e }, scale = 0 }
end

function fixed.none()
  return { start = 0, used = 0 }
end

function fixed.latest(window)
  return window.start
end

-- The window of a moment, and when it ends. Further off than the bounds reach, windows are as long as the outermost.
local function window_at(rule, window, now)
  now = min(max(now, window.start), LARGEST - 1)
  local bounds = rule.bounds
  local start, last = bounds[3], bounds[4]
  if now < bounds[1] then
    local length = max(bounds[2] - bounds[1], 1)
    start = without(bounds[1], ceil((bounds[1] - now) / length) * length)
    -- May be beyond, and is then cut.
    last = min(start + length, LARGEST)
  elseif now >= bounds[4] then
    local length = bounds[4] - bounds[3]
    start = now - (now - bounds[4]) % length
    last = min(start + length, LARGEST)
  elseif now < bounds[2] then
    start, last = bounds[1], bounds[2]
  elseif now < bounds[3] then
    start, last = bounds[2], bounds[3]
  end
  if window.start ~= start then
    window = { start = start, used = 0 }
  end
  return window, last
end

function fixed.wait_for(rule, window, units, now)
  if units > rule.quota then
    return nil
  end
  local present, last = window_at(rule, window, now)
  return present.used <= rule.quota - units and 0 or max(without(last, now), 1)
end

function fixed.take(rule, window, units, now)
  local present = window_at(rule, window, now)
  -- May be beyond, and is then cut.
  return { start = present.start, used = min(present.used + units, LARGEST) }
end

function fixed.give_back(rule, window, units, taken, now)
  local present = window_at(rule, window, now)
  if taken < present.start then
    return present
  end
  return { start = present.start, used = without(present.used, units) }
end

function fixed.remaining(rule, window, now)
  return without(rule.quota, window_at(rule, window, now).used)
end

function fixed.full_ms(rule, window, now)
  local present, last = window_at(rule, window, now)
  return present.used == 0 and 0 or max(without(last, now), 1)
end

function fixed.write(_, window)
  return { window.start, window.used }
end

function fixed.read(_, _, numbers, from, to)
  return to - from == 1 and { start = numbers[from], used = numbers[to] } or nil
end

local sliding = { kind = 4 }

function sliding.rule(a, b)
  return { quota = a, length = b, scale = b }
end

function sliding.none()
  return { start = 0, current = 0, previous = 0 }
end

sliding.latest = fixed.latest

-- The windows at a moment, and how far the present one has got.
local function windows_at(rule, windows, now)
  now = max(now, windows.start)
  -- The rest by `%` is exact as well: Lua takes `floor(a / b) * b` away.
  local elapsed = now % rule.length
  local start = now - elapsed
  if windows.start == start then
    return windows, elapsed
  end
  local follows = windows.start + rule.length == start
  return { start = start, current = 0, previous = follows and windows.current or 0 }, elapsed
end

-- How long the share of what was taken in the window before must shrink. `room` is less than the quota, whose product with the length is exact.
local function shrunk(rule, taken, room)
  return taken <= room and 0 or rule.length - floor(room * rule.length / taken)
end

function sliding.wait_for(rule, windows, units, now)
  if units > rule.quota then
    return nil
  end
  local left = rule.quota - units
  local ahead = without(windows.start, now)
  local present, elapsed = windows_at(rule, windows, now)
  local wait
  if left >= present.current then
    wait = without(shrunk(rule, present.previous, left - present.current), elapsed)
  else
    wait = rule.length - elapsed + shrunk(rule, present.current, left)
  end
  return wait == 0 and 0 or wait + ahead
end

function sliding.take(rule, windows, units, now)
  local present = windows_at(rule, windows, now)
  -- May be beyond, and is then cut.
  local current = min(present.current + units, floor(LARGEST / rule.length))
  return { start = present.start, current = current, previous = present.previous }
end

function sliding.give_back(rule, windows, units, taken, now)
  local present = windows_at(rule, windows, now)
  local current, previous = present.current, present.previous
  if taken >= present.start then
    current = without(current, units)
  elseif taken >= without(present.start, rule.length) then
    previous = without(previous, units)
  end
  return { start = present.start, current = current, previous = previous }
end

function sliding.remaining(rule, windows, now)
  local present, elapsed = windows_at(rule, windows, now)
  -- The product is beyond only in a state that was not written here. Its share is then more than any quota of this length.
  local share = ceil(present.previous * (rule.length - elapsed) / rule.length)
  return without(rule.quota, share + present.current)
end

function sliding.full_ms(rule, windows, now)
  local ahead = without(windows.start, now)
  local present, elapsed = windows_at(rule, windows, now)
  if present.current > 0 then
    return rule.length - elapsed + rule.length + ahead
  end
  return present.previous > 0 and rule.length - elapsed + ahead or 0
end

function sliding.write(_, windows)
  return { windows.start, windows.current, windows.previous }
end

function sliding.read(rule, scale, numbers, from, to)
  if to - from ~= 2 or scale ~= rule.scale then
    return nil
  end
  return { start = numbers[from], current = numbers[from + 1], previous = numbers[to] }
end
