-- Asks for paths by turns, at most so often, and reports as one line of JSON.
-- Arguments: how many at most, the number to begin with, the paths. "%d" in a path becomes the
-- number of the request, so that no two are alike.

local paths, limit, number, first = {}, 0, 0, 0
statuses, answered = {}, 0

function setup(thread)
  only = thread
end

function init(args)
  limit, first = tonumber(args[1]), tonumber(args[2])
  for place = 3, #args do paths[#paths + 1] = args[place] end
  wrk.headers["Accept-Encoding"] = "gzip, deflate, br"
end

function request()
  local path = paths[number % #paths + 1]:gsub("%%d", tostring(first + number))
  number = number + 1
  return wrk.format("GET", path)
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
  answered = answered + 1
  if answered >= limit then wrk.thread:stop() end
end

function done(summary, latency)
  local counts = {}
  for status, count in pairs(only:get("statuses")) do
    counts[#counts + 1] = string.format('"%d": %d', status, count)
  end
  local errors = summary.errors
  io.write(string.format(
    '{"seconds": %f, "broken": %d, "p50_ms": %f, "p99_ms": %f, "statuses": {%s}}\n',
    summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    table.concat(counts, ", ")))
end
