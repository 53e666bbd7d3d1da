using System.Diagnostics;

namespace Funion.Cli.Asking;

/// <summary>Seconds of each stage of a question.</summary>
sealed class StageClock
{
    readonly Dictionary<string, TimeSpan> _stages = [];
    readonly long _start = Stopwatch.GetTimestamp();
    string _stage = "";
    long _entered = Stopwatch.GetTimestamp();

    public TimeSpan Total => Stopwatch.GetElapsedTime(_start);

    public TimeSpan this[string stage] => _stages.GetValueOrDefault(stage);

    public void Enter(string stage)
    {
        long now = Stopwatch.GetTimestamp();
        _stages[_stage] = this[_stage] + Stopwatch.GetElapsedTime(_entered, now);
        (_stage, _entered) = (stage, now);
    }
}
