using System.Diagnostics;
using Funion.Cli.Console;
using Funion.Cli.TwoParty;
using Funion.Client;

namespace Funion.Cli.Commands;

/// <summary>One line on stderr that says what is being waited for and until when; nothing where stderr is no terminal.</summary>
sealed class ProgressLine(Output output) : IDisposable
{
    readonly Lock _lock = new();
    readonly CancellationTokenSource _stop = new();
    ClientProgress? _last;
    bool _begun;
    string _stage = "";
    long _since;
    int _from;

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
            { Stage: PhaseProgress.Offline or PhaseProgress.Online, Total: > 1 } => $"{Verb(progress.Stage)} · {progress.Done / 1024.0:F1} of {progress.Total / 1024.0:F1} MiB{Left(progress)}",
            { Total: > 1 } => $"{Verb(progress.Stage)} · {progress.Done}/{progress.Total}",
            _ => Verb(progress.Stage),
        };
        System.Console.Error.Write($"\r\u001b[Kfunion: {text}");
    }

    /// <summary>The time that is left at the pace of this stage so far.</summary>
    string Left(ClientProgress progress)
    {
        if (progress.Stage != _stage)
        {
            (_stage, _since, _from) = (progress.Stage, Stopwatch.GetTimestamp(), progress.Done);
        }
        double seconds = Stopwatch.GetElapsedTime(_since).TotalSeconds;
        return seconds < 1 || progress.Done <= _from ? "" : $" · {seconds * (progress.Total - progress.Done) / (progress.Done - _from):F0} s";
    }

    static string Verb(string stage) => stage switch
    {
        "upload" => "storing boxes through the mixnet",
        "dispatch" => "handing the sealed job to compute",
        "wait" => "waiting for the boundary",
        "read" => "reading boxes through the mixnet",
        "delete" => "deleting boxes",
        PhaseProgress.Offline => "preparing with the provider",
        PhaseProgress.Online => "asking with what is prepared",
        _ => stage,
    };
}
