using System.Runtime.InteropServices;

namespace Funion.Cli.Console;

/// <summary>
/// The signals that end the tool. The first asks the command to end, which leaves nothing half done and has a quarter of a minute for it; a second one, or the
/// end of that, ends the process.
/// </summary>
sealed class Interruption : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    readonly CancellationTokenSource _source = new();
    readonly PosixSignalRegistration[] _signals;

    public Interruption() => _signals = [.. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM]).Select(signal => PosixSignalRegistration.Create(signal, On))];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        Array.ForEach(_signals, signal => signal.Dispose());
        _source.Dispose();
    }

    void On(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (_source.IsCancellationRequested)
        {
            Environment.Exit((int)ExitCode.Interrupted);
        }
        _ = _source.CancelAsync();
        _ = Task.Delay(s_patience, CancellationToken.None).ContinueWith(_ => Environment.Exit((int)ExitCode.Interrupted), TaskScheduler.Default);
    }
}
