namespace Funion.Tests.Verification;

/// <summary>
/// A server behind a way of asking that hides inputs: it sees a position and nothing else, and decides there whether to be honest. The promised model gives
/// the first byte of the input doubled, and labels a third of it.
/// </summary>
/// <param name="cheats">Whether the answer at a position is a wrong one, always the same wrong one for the same input.</param>
sealed class CheatingServer(Func<int, bool> cheats)
{
    int _position = -1;

    public int Asked => _position + 1;

    /// <summary>How the wrong model answers; null: nothing comes.</summary>
    public Func<byte, byte[]?> Wrong { get; init; } = input => [(byte)((2 * input) + 1)];

    public static byte[] Honest(byte input) => [(byte)(2 * input)];

    public static int? LabelOf(ReadOnlyMemory<byte> output) => output.Length == 1 ? output.Span[0] / 6 : null;

    public Task<ReadOnlyMemory<byte>?> AskAsync(int provider, ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        byte[]? output = cheats(Interlocked.Increment(ref _position)) ? Wrong(input.Span[0]) : Honest(input.Span[0]);
        return Task.FromResult(output is null ? (ReadOnlyMemory<byte>?)null : output.AsMemory());
    }
}
