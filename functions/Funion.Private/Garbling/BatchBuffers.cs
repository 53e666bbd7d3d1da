namespace Funion.Private.Garbling;

/// <summary>
/// Memory for garbled batches and transfers' messages, which are megabytes and of few sizes: to have it from the system anew for each costs as much as to evaluate
/// them. It is for what goes over the wire as it is; so it is not wiped.
/// </summary>
static class BatchBuffers
{
    /// <summary>So many bytes wait to be used again, at most.</summary>
    const long Most = 1 << 26;

    static readonly Lock s_gate = new();

    static readonly Dictionary<int, Stack<byte[]>> s_free = [];

    static long s_bytes;

    /// <summary>A buffer of exactly this size, of undefined content.</summary>
    public static byte[] Rent(int size)
    {
        using (s_gate.EnterScope())
        {
            if (s_free.TryGetValue(size, out Stack<byte[]>? free) && free.TryPop(out byte[]? buffer))
            {
                s_bytes -= size;
                return buffer;
            }
        }
        return GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>Gives one back that nobody will touch any more. Who drops one instead leaves it to the collector.</summary>
    public static void Return(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        using Lock.Scope scope = s_gate.EnterScope();
        if (s_bytes + buffer.Length > Most)
        {
            return;
        }
        if (!s_free.TryGetValue(buffer.Length, out Stack<byte[]>? free))
        {
            s_free[buffer.Length] = free = new Stack<byte[]>();
        }
        free.Push(buffer);
        s_bytes += buffer.Length;
    }
}
