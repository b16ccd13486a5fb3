using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Broadcast.Architecture.Tests;

/// <summary>What a built assembly refers to, read from its metadata: nothing is loaded and nothing is missed.</summary>
internal sealed class AssemblyView
{
    private AssemblyView(MetadataReader reader)
    {
        References = [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
        Types = [.. reader.TypeReferences.Select(handle => FullName(reader, handle))];
        Members = [.. reader.MemberReferences.Select(handle => MemberName(reader, handle)).OfType<string>()];
    }

    /// <summary>Names of referenced assemblies.</summary>
    public IReadOnlyList<string> References { get; }

    /// <summary>Full names of all types of other assemblies that are mentioned anywhere.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>"Namespace.Type.Member" of all members of other assemblies that are mentioned anywhere.</summary>
    public IReadOnlyList<string> Members { get; }

    public static AssemblyView Read(string name)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        using var image = new PEReader(file);
        return new AssemblyView(image.GetMetadataReader());
    }

    private static string? MemberName(MetadataReader reader, MemberReferenceHandle handle)
    {
        var member = reader.GetMemberReference(handle);
        return member.Parent.Kind == HandleKind.TypeReference
            ? FullName(reader, (TypeReferenceHandle)member.Parent) + "." + reader.GetString(member.Name)
            : null;
    }

    private static string FullName(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference) return FullName(reader, (TypeReferenceHandle)type.ResolutionScope) + "." + name;
        return reader.GetString(type.Namespace) + "." + name;
    }
}
