using System.Text.RegularExpressions;

namespace Funion.Storage;

/// <summary>Reads the addresses that the emulator prints as its three services begin to listen.</summary>
sealed partial class AzuriteAddresses : IDisposable
{
    readonly Lock _lock = new();
    readonly TaskCompletionSource<(string Blob, string Queue, string Table)> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Dictionary<string, string> _found = [];
    readonly Queue<string> _errors = [];

    public Task<(string Blob, string Queue, string Table)> Ready => _ready.Task;

    public void Read(string? line)
    {
        if (line is null || Listening().Match(line) is not { Success: true } match)
        {
            return;
        }
        lock (_lock)
        {
            _found[match.Groups[1].Value] = match.Groups[2].Value;
            if (_found.Count == 3)
            {
                _ready.TrySetResult((_found["Blob"], _found["Queue"], _found["Table"]));
            }
        }
    }

    public void ReadError(string? line)
    {
        lock (_lock)
        {
            if (line is not null && _errors.Count < 20)
            {
                _errors.Enqueue(line);
            }
        }
    }

    public void Fail(string how)
    {
        lock (_lock)
        {
            string said = _errors.Count == 0 ? "It said nothing." : string.Join(Environment.NewLine, _errors);
            _ready.TrySetException(new InvalidOperationException($"The storage emulator did not start: {how}. {said}"));
        }
    }

    // Nobody may be waiting any more; a failure must not surface as unobserved.
    public void Dispose() => _ = _ready.Task.Exception;

    [GeneratedRegex("^Azurite (Blob|Queue|Table) service is successfully listening at (http://[^ ]+)$")]
    private static partial Regex Listening();
}
