using Funion.Cli.Console;
using Funion.Client;

namespace Funion.Cli.Commands;

/// <summary>One line on stderr that says what is being waited for and until when; nothing where stderr is no terminal.</summary>
sealed class ProgressLine(Output output) : IDisposable
{
    readonly Lock _lock = new();
    readonly CancellationTokenSource _stop = new();
    ClientProgress? _last;
    bool _begun;

    public void Show(ClientProgress progress)
    {
        if (!output.IsTerminal)
        {
            return;
        }
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }
            _last = progress;
            Draw();
            if (!_begun)
            {
                _begun = true;
                _ = TickAsync();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_begun && _last is not null)
            {
                System.Console.Error.Write("\r\u001b[K");
            }
            _last = null;
        }
        _stop.Cancel();
    }

    async Task TickAsync()
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(500));
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                lock (_lock)
                {
                    Draw();
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    void Draw()
    {
        if (_last is not { } progress)
        {
            return;
        }
        string text = progress switch
        {
            { Until: { } until } => $"waiting for the boundary · {Math.Max(0, (until - DateTimeOffset.UtcNow).TotalSeconds):F0} s",
            { Total: > 1 } => $"{Verb(progress.Stage)} · {progress.Done}/{progress.Total}",
            _ => Verb(progress.Stage),
        };
        System.Console.Error.Write($"\r\u001b[Kfunion: {text}");
    }

    static string Verb(string stage) => stage switch
    {
        "upload" => "storing boxes through the mixnet",
        "dispatch" => "handing the sealed job to compute",
        "wait" => "waiting for the boundary",
        "read" => "reading boxes through the mixnet",
        "delete" => "deleting boxes",
        _ => stage,
    };
}
