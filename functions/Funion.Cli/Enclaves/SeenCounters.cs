using System.Buffers.Binary;
using Funion.Client;
using Funion.Network;

namespace Funion.Cli.Enclaves;

/// <summary>
/// The newest counter of each enclave that this user has seen, over all of their processes: what tells that an enclave was rolled back while nobody asked.
/// <code>
/// ROOT/lock            <see cref="FolderLock"/>
/// ROOT/SIGNING-KEY     1 u8 ‖ counter 8          the enclave's key in hex; for the owner only, written whole or not at all, with a sum
/// </code>
/// It says which enclaves were asked, to whoever reads the user's files.
/// </summary>
/// <param name="root">Made when it is not there.</param>
sealed class SeenCounters(string root)
{
    const byte Version = 1;
    const int Size = 1 + sizeof(ulong);

    /// <summary>The newest counter of an enclave, 0 if none was seen.</summary>
    public SeenOutcome TryRead(in Bytes32 enclave, out ulong newest)
    {
        ulong read = 0;
        SeenOutcome outcome = SecretFile.Read(File(enclave), body => TryParse(body.Span, out read)) switch
        {
            KeyFileOutcome.Loaded => SeenOutcome.Ok,
            KeyFileOutcome.Missing => System.IO.File.Exists(File(enclave)) ? SeenOutcome.Unusable : SeenOutcome.Ok,
            KeyFileOutcome.TooOpen => SeenOutcome.TooOpen,
            _ => SeenOutcome.Damaged,
        };
        newest = read;
        return outcome;
    }

    /// <summary>Notes a counter that was seen. One that is smaller changes nothing.</summary>
    public SeenOutcome TryRaise(in Bytes32 enclave, ulong counter)
    {
        try
        {
            Directory.CreateDirectory(root);
            using FileStream? held = FolderLock.TryTake(root);
            if (held is null)
            {
                return SeenOutcome.Busy;
            }
            SeenOutcome outcome = TryRead(enclave, out ulong newest);
            if (outcome == SeenOutcome.Ok && counter > newest)
            {
                byte[] body = new byte[Size];
                body[0] = Version;
                BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(1), counter);
                SecretFile.Write(File(enclave), body);
            }
            return outcome;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            return SeenOutcome.Unusable;
        }
    }

    /// <summary>Reads the body of a file.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> body, out ulong counter)
    {
        bool sound = body.Length == Size && body[0] == Version;
        counter = sound ? BinaryPrimitives.ReadUInt64LittleEndian(body[1..]) : 0;
        return sound;
    }

    string File(in Bytes32 enclave) => Path.Combine(root, enclave.ToString());
}
