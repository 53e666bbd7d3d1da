using System.Buffers.Text;
using Azure.Storage.Queues.Models;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>A message of Azure Queue Storage as the ports see it: its text is base64.</summary>
public static class StorageMessage
{
    /// <summary>Reads a message; null when its text is not base64.</summary>
    public static Delivery? TryRead(string queue, QueueMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Decode(message.MessageText) is { } bytes
            ? new Delivery(queue, message.MessageId, message.PopReceipt, bytes, (int)Math.Min(message.DequeueCount, int.MaxValue)) { Since = message.InsertedOn + Delivery.ClockAllowance }
            : null;
    }

    static byte[]? Decode(string text)
    {
        if (!Base64.IsValid(text, out int length))
        {
            return null;
        }
        byte[] bytes = new byte[length];
        return Convert.TryFromBase64String(text, bytes, out int written) && written == length ? bytes : null;
    }
}
