using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Funion.Cli.Planning;
using Funion.Hosting;
using Funion.Models;
using Funion.Network;
using Funion.Private.Ring;
using Funion.Tests.Simulation;

namespace Funion.Tests.Fuzzing;

/// <summary>
/// No parser throws, hangs or takes memory out of proportion, whatever it is given. Ten thousand inputs each by default; FUNION_FUZZ says how many, for a
/// run that is worth writing down.
/// </summary>
public sealed class FuzzTests
{
    static int Inputs => int.TryParse(Environment.GetEnvironmentVariable("FUNION_FUZZ"), CultureInfo.InvariantCulture, out int inputs) ? inputs : 10_000;

    public static TheoryData<string> Names() => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Hostile_bytes_are_refused_in_peace(string name)
    {
        FuzzTarget target = FuzzTargets.All.Single(target => target.Name == name);
        Assert.All(target.Seeds, seed => Assert.True(target.Take([.. seed]) || !target.SeedsAreTaken, $"{target.Name} refuses a seed."));
        Mutator mutator = new(new SeededRandom(name.Sum(c => c)), target.Seeds);
        int taken = 0;
        for (int i = 0; i < Inputs; i++)
        {
            byte[] input = mutator.Next();
            byte[] kept = [.. input];
            long before = GC.GetAllocatedBytesForCurrentThread(), began = Stopwatch.GetTimestamp();
            try
            {
                taken += target.Take(input) ? 1 : 0;
            }
            catch (Exception error)
            {
                Assert.Fail($"{target.Name}, input {i}: {error.GetType().Name}: {error.Message}\n{Convert.ToHexString(kept[..Math.Min(kept.Length, 2_000)])}\n{error.StackTrace}");
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < target.Allowance + (300L * input.Length), $"{target.Name}, input {i}: {allocated} bytes for {input.Length}");
            // A hang, not a figure: nothing here takes a thousandth of that.
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"{target.Name}, input {i} takes for ever");
            Assert.Equal(kept, input);
        }
        Assert.True(taken < Inputs, "Nothing was refused.");
    }

    /// <summary>A parser that is new has no target: this says so.</summary>
    [Fact]
    public void Every_parser_is_a_target()
    {
        string[] verbs = ["TryParse", "TryRead", "TryOpen"];
        // Parsers of parts, called by a parser that is a target; and of what only this node writes.
        string[] parts =
        [
            "CapabilityText", "OipElements", "Datatypes", "HopCommands", "EnvelopeOpener", "CopyStream", "ProxyTicket", "Ticket", "Job", "NodeKeys", "SurbSecret", "PendingToken",
            "ModelArgument", "Quantity", "SignedDescriptor", "CourierReply", "FileStreamFormat", "FixedStream",
            "BitPacking", "ResiduePacking", "OnnxModel", "OnnxNode", "OnnxAttribute", "OnnxTensor", "ModelRecord",
        ];
        Assembly[] assemblies = [typeof(NodeId).Assembly, typeof(PeerList).Assembly, typeof(ModelRunner).Assembly, typeof(PlanPrices).Assembly, typeof(RingTensor).Assembly, typeof(Funion.Enclave.EnclaveCore).Assembly];
        string[] missing =
        [
            .. assemblies.SelectMany(assembly => assembly.GetTypes())
                .Where(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                    .Any(method => verbs.Contains(method.Name) && !method.IsPrivate && method.GetParameters().Any(Hostile)))
                .Where(type => FuzzTargets.All.All(target => target.Parser != type) && !parts.Contains(type.Name))
                .Select(type => type.FullName!),
        ];
        Assert.Empty(missing);
    }

    static bool Hostile(ParameterInfo parameter) => parameter.ParameterType == typeof(ReadOnlySpan<byte>) || parameter.ParameterType == typeof(ReadOnlyMemory<byte>)
        || parameter.ParameterType == typeof(string);
}
