using System.Text.Json;

namespace Funion.Cli.Planning;

/// <summary>The price table: a file that people edit, infra/prices.json unless they name another.</summary>
sealed record PlanPrices(
    double QueueOperationsPer10k, double TableOperationsPer10k, double BlobWritesPer10k, double BlobReadsPer10k, double FunctionGbSecond,
    double FunctionMillionExecutions, double GpuSecond, double EgressGb)
{
    /// <summary>A month's length.</summary>
    public const double SecondsPerMonth = 30.4 * 86_400;

    const double InstanceGb = 2;

    /// <summary>Of an instance that is kept ready, whether it works or not; and while it works.</summary>
    public required double FunctionReadyGbSecond { get; init; }

    public required double FunctionReadyActiveGbSecond { get; init; }

    /// <summary>Of compute's container: a core, and a GiB of memory.</summary>
    public required double ContainerCoreSecond { get; init; }

    public required double ContainerGibSecond { get; init; }

    /// <summary>The table that the tool carries.</summary>
    public static PlanPrices Standard()
    {
        using Stream stream = typeof(PlanPrices).Assembly.GetManifestResourceStream("prices.json")!;
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return TryParse(copy.ToArray(), out _)!;
    }

    /// <summary>Reads a table; null with one sentence when a price is missing or none.</summary>
    public static PlanPrices? TryParse(ReadOnlyMemory<byte> file, out string problem)
    {
        problem = "";
        try
        {
            using JsonDocument json = JsonDocument.Parse(file);
            string missing = "";
            double Price(string name)
            {
                if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out JsonElement value)
                    && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double price) && price >= 0)
                {
                    return price;
                }
                missing = name;
                return 0;
            }
            PlanPrices prices = new(
                Price("queue_operations_per_10k"), Price("table_operations_per_10k"), Price("blob_writes_per_10k"), Price("blob_reads_per_10k"),
                Price("function_gb_second"), Price("function_million_executions"), Price("gpu_second"), Price("egress_gb"))
            {
                FunctionReadyGbSecond = Price("function_ready_gb_second"), FunctionReadyActiveGbSecond = Price("function_ready_active_gb_second"),
                ContainerCoreSecond = Price("container_core_second"), ContainerGibSecond = Price("container_gib_second"),
            };
            problem = missing.Length > 0 ? $"The price table has no price '{missing}'." : "";
            return missing.Length > 0 ? null : prices;
        }
        // A name with half a surrogate pair is valid JSON, and no string.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            problem = "The price table is not JSON.";
            return null;
        }
    }

    /// <summary>Cost of a month by meter. Of a hop's seven operations one is a tag, an entity of a table; of what a packet costs at gateways two are blobs.</summary>
    public IReadOnlyList<(string Meter, double Dollars)> Monthly(TrafficPlan plan)
    {
        double hops = plan.Packets * 9, tags = hops, blobWrites = 2 * plan.Packets, blobReads = plan.Packets + plan.PollsPerSecond;
        double queues = Math.Max(0, plan.OperationsPerSecond - tags - blobWrites - blobReads);
        double messages = plan.Gateway.Messages + (3 * plan.Mix.Messages) + plan.Courier.Messages + plan.Replica.Messages + plan.Compute.Messages;
        return
        [
            ("queue operations", queues * SecondsPerMonth / 10_000 * QueueOperationsPer10k),
            ("table operations (replay tags)", tags * SecondsPerMonth / 10_000 * TableOperationsPer10k),
            ("blob writes", blobWrites * SecondsPerMonth / 10_000 * BlobWritesPer10k),
            ("blob reads", blobReads * SecondsPerMonth / 10_000 * BlobReadsPer10k),
            ("function time", plan.Instances * InstanceGb * SecondsPerMonth * FunctionGbSecond),
            ("function executions", 2 * messages * SecondsPerMonth / 1e6 * FunctionMillionExecutions),
            ("GPU", TrafficPlan.Nodes(plan.Compute) * SecondsPerMonth * GpuSecond),
            ("traffic to clients", plan.EgressPerSecond * SecondsPerMonth / 1e9 * EgressGb),
        ];
    }
}
