using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Pigeonhole;

namespace Funion.Client;

/// <summary>
/// Data in exactly n boxes, whatever its length: how the input and the output of a job are laid out, so that neither tells its size.
/// <code>
/// length u32 BE ‖ data ‖ zeros, cut into n boxes of one size
/// </code>
/// </summary>
public static class FixedStream
{
    const int LengthSize = sizeof(uint);

    /// <summary>The most data that n boxes hold.</summary>
    public static int Capacity(PigeonholeGeometry geometry, int boxes)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        return (boxes * geometry.MaxPlaintext) - LengthSize;
    }

    /// <summary>Seals data into exactly <paramref name="count"/> boxes from the capability's first index on.</summary>
    public static IReadOnlyList<Box> Seal(WriteCapability capability, ReadOnlySpan<byte> data, int count, PigeonholeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(capability);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, Capacity(geometry, count));
        byte[] padded = new byte[count * geometry.MaxPlaintext];
        BinaryPrimitives.WriteInt32BigEndian(padded, data.Length);
        data.CopyTo(padded.AsSpan(LengthSize));
        Box[] boxes = new Box[count];
        MessageBoxIndex? index = capability.First;
        for (int i = 0; i < count; i++)
        {
            byte[] plaintext = geometry.PadPlaintext(padded.AsSpan(i * geometry.MaxPlaintext, geometry.MaxPlaintext));
            boxes[i] = capability.Seal(index!, BacapContext.Pigeonhole, plaintext);
            CryptographicOperations.ZeroMemory(plaintext);
            index!.TryNext(out index);
        }
        CryptographicOperations.ZeroMemory(padded);
        return boxes;
    }

    /// <summary>Tombstones of <paramref name="count"/> boxes from the capability's first index on.</summary>
    public static IReadOnlyList<Box> Tombstones(WriteCapability capability, int count)
    {
        ArgumentNullException.ThrowIfNull(capability);
        Box[] boxes = new Box[count];
        MessageBoxIndex? index = capability.First;
        for (int i = 0; i < count; i++)
        {
            boxes[i] = capability.Tombstone(
                index ?? throw new FunionException(FunionError.BadInput, "The capability's stream ends before its last box."), BacapContext.Pigeonhole);
            index.TryNext(out index);
        }
        return boxes;
    }

    /// <summary>
    /// Reads n boxes, all in flight at once, waits for those that are not there yet, and takes the data out; null when one was deleted, or they are not
    /// what <see cref="Seal"/> writes.
    /// </summary>
    public static async Task<byte[]?> AwaitAsync(
        PigeonholeClient client, ReadCapability capability, int count, TimeSpan pause, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(capability);
        Task<BoxResult>[] reads = new Task<BoxResult>[count];
        MessageBoxIndex? index = capability.First;
        for (int i = 0; i < count; i++)
        {
            if (index is null)
            {
                return null;
            }
            reads[i] = client.AwaitAsync(capability, index, pause, DateTimeOffset.MaxValue, cancellation);
            index.TryNext(out index);
        }
        BoxResult[] results = await Task.WhenAll(reads);
        return results.All(result => result.Status == BoxStatus.Ok) ? Join([.. results.Select(result => result.Data)], client.Geometry) : null;
    }

    /// <summary>Takes the data out of what n boxes hold; null when it is not what <see cref="Seal"/> writes.</summary>
    public static byte[]? Join(IReadOnlyList<ReadOnlyMemory<byte>> boxes, PigeonholeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(boxes);
        ArgumentNullException.ThrowIfNull(geometry);
        if (boxes.Count == 0 || boxes.Any(box => box.Length != geometry.MaxPlaintext))
        {
            return null;
        }
        byte[] padded = new byte[boxes.Count * geometry.MaxPlaintext];
        for (int i = 0; i < boxes.Count; i++)
        {
            boxes[i].CopyTo(padded.AsMemory(i * geometry.MaxPlaintext));
        }
        int length = BinaryPrimitives.ReadInt32BigEndian(padded);
        byte[]? data = length >= 0 && length <= padded.Length - LengthSize ? padded[LengthSize..(LengthSize + length)] : null;
        CryptographicOperations.ZeroMemory(padded);
        return data;
    }
}
